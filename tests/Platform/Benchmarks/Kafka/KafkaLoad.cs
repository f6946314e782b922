using System.Diagnostics;

namespace Maestro.Bus.Benchmarks;

/// <summary>What both candidates write and read.</summary>
sealed record KafkaLoad(string BootstrapServers, string Topic, int Records)
{
    public const int InFlight = 1_000;
    public const int Keys = 100;
    public const int Concurrency = 16;

    /// <summary>So many that none grows beyond what the mock cluster keeps of one.</summary>
    public const int Partitions = 16;

    public static string KeyOf(BenchRecord record) => $"key-{record.Key}";

    /// <summary>A group that has read nothing yet.</summary>
    public static string NewGroup() => $"group-{NewId.NextGuid():n}";

    public static int PartitionOf(BenchRecord record) => record.Key % Partitions;

    /// <summary>Writes all records, so many at a time.</summary>
    public async Task<double> Write(Func<BenchRecord, Task> write)
    {
        var next = -1;
        var start = Stopwatch.GetTimestamp();

        await Task.WhenAll(Enumerable.Range(0, InFlight).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number < Records)
                await write(new BenchRecord(number % Keys, number / Keys, BenchRecord.Filler));
        }));
        return PerSecond(Stopwatch.GetElapsedTime(start));
    }

    public double PerSecond(TimeSpan elapsed) => Records / elapsed.TotalSeconds;
}

/// <summary>256 bytes of JSON.</summary>
public sealed record BenchRecord(int Key, int Number, string Text)
{
    public static string Filler { get; } = new('x', 219);
}
