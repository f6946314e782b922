using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace MaestroBus.Benchmarks;

/// <summary>Confluent.Kafka as its users use it: the same JSON, the same settings, nothing else.</summary>
static class RawKafka
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<double> Write(KafkaLoad load)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = load.BootstrapServers,
            LingerMs = 5,
            BatchSize = 1_000_000,
            Acks = Acks.All,
            EnableIdempotence = true,
            MaxInFlight = 5,
            DeliveryReportFields = "status",
        }).Build();

        return await KafkaLoad.Write(record => producer.ProduceAsync(new TopicPartition(load.Topic, KafkaLoad.PartitionOf(record)), new Message<byte[], byte[]>
        {
            Key = Encoding.UTF8.GetBytes(KafkaLoad.KeyOf(record)),
            Value = JsonSerializer.SerializeToUtf8Bytes(record, JsonSerializerOptions.Web),
        }));
    }

    public static double Read(KafkaLoad load)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = load.BootstrapServers,
            GroupId = KafkaLoad.NewGroup(),
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoOffsetStore = false,
            AutoCommitIntervalMs = 1_000,
            IsolationLevel = IsolationLevel.ReadCommitted,
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
        }).Build();
        consumer.Subscribe(load.Topic);
        var start = 0L;

        for (var count = 0; count < KafkaLoad.Records; count++)
        {
            var result = consumer.Consume(Limit) ?? throw new TimeoutException($"Only {count} of {KafkaLoad.Records} records came.");
            if (count == 0)
                start = Stopwatch.GetTimestamp();
            _ = JsonSerializer.Deserialize<BenchRecord>(result.Message.Value, JsonSerializerOptions.Web);
            consumer.StoreOffset(result);
        }

        var rate = KafkaLoad.PerSecond(Stopwatch.GetElapsedTime(start));
        consumer.Close();
        return rate;
    }
}
