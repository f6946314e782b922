using Confluent.Kafka;

namespace Maestro.Bus.Riders.Kafka.Tests;

/// <summary>Reads what a group has committed.</summary>
sealed class Commits(string brokers, string topic, string group)
{
    const int Partitions = 4;

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public Dictionary<int, long> Read()
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig { BootstrapServers = brokers, GroupId = group }).Build();
        return consumer.Committed(Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition)), Limit)
            .Where(committed => committed.Offset != Offset.Unset)
            .ToDictionary(committed => committed.Partition.Value, committed => committed.Offset.Value);
    }
}
