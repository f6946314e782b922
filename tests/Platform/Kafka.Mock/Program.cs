using Maestro.Bus.Kafka.Mock;

// Runs until its input ends, so that it does not outlive whoever has started it. Takes "down", "up" and "topic NAME PARTITIONS".
MockCluster.ResolveLibrary();
using var cluster = new MockCluster();
Console.WriteLine($"listening on {cluster.BootstrapServers}");

while (await Console.In.ReadLineAsync() is { } line)
{
    cluster.Do(line.Split(' '));
    Console.WriteLine($"done {line}");
}
