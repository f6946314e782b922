using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;

namespace Maestro.Bus.Benchmarks;

/// <summary>Confluent.Kafka as its users use it: the same JSON, the same settings, nothing else.</summary>
static class RawKafka
{
    // As many as the rider takes at a time.
    const int TransactionSize = 500;

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static async Task<double> Write(KafkaLoad load)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(Producer(load)).Build();

        return await load.Write(record => producer.ProduceAsync(
            new TopicPartition(load.Topic, KafkaLoad.PartitionOf(record)),
            new Message<byte[], byte[]>
            {
                Key = Encoding.UTF8.GetBytes(KafkaLoad.KeyOf(record)),
                Value = JsonSerializer.SerializeToUtf8Bytes(record, JsonSerializerOptions.Web),
            }));
    }

    public static double Read(KafkaLoad load)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(Consumer(load)).Build();
        consumer.Subscribe(load.Topic);
        var start = 0L;

        for (var count = 0; count < load.Records; count++)
        {
            var result = Next(consumer, count, load);
            if (count == 0)
                start = Stopwatch.GetTimestamp();
            _ = JsonSerializer.Deserialize<BenchRecord>(result.Message.Value, JsonSerializerOptions.Web);
            consumer.StoreOffset(result);
        }

        var rate = load.PerSecond(Stopwatch.GetElapsedTime(start));
        consumer.Close();
        return rate;
    }

    /// <summary>Writes each record on, in transactions of as many as a poll of the rider, and waits until the last can be read.</summary>
    public static async Task<double> Relay(KafkaLoad load, string results)
    {
        var read = Task.Run(() => ReadAll(load with { Topic = results }));
        var config = Producer(load);
        config.TransactionalId = results;
        using var producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        producer.InitTransactions(Limit);
        using var consumer = new ConsumerBuilder<byte[], byte[]>(Consumer(load, isTransactional: true)).Build();
        consumer.Subscribe(load.Topic);
        var start = 0L;

        for (var count = 0; count < load.Records;)
        {
            var first = Next(consumer, count, load);
            if (count == 0)
                start = Stopwatch.GetTimestamp();
            producer.BeginTransaction();
            for (var result = first; result is not null; result = count % TransactionSize == 0 ? null : consumer.Consume(TimeSpan.Zero))
            {
                var record = JsonSerializer.Deserialize<BenchRecord>(result.Message.Value, JsonSerializerOptions.Web)!;
                producer.Produce(
                    new TopicPartition(results, KafkaLoad.PartitionOf(record)),
                    new Message<byte[], byte[]>
                    {
                        Key = result.Message.Key,
                        Value = JsonSerializer.SerializeToUtf8Bytes(record, JsonSerializerOptions.Web),
                    });
                count++;
            }

            producer.SendOffsetsToTransaction(
                consumer.Assignment.Select(partition => new TopicPartitionOffset(partition, consumer.Position(partition)))
                    .Where(place => place.Offset != Offset.Unset),
                consumer.ConsumerGroupMetadata, Limit);
            producer.CommitTransaction(Limit);
        }

        var end = await read;
        consumer.Close();
        return load.PerSecond(Stopwatch.GetElapsedTime(start, end));
    }

    /// <summary>Reads all records of a topic that are committed.</summary>
    /// <returns>When the last one came, as a time stamp of the stopwatch.</returns>
    public static long ReadAll(KafkaLoad load)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(Consumer(load)).Build();
        consumer.Subscribe(load.Topic);
        for (var count = 0; count < load.Records; count++)
            Next(consumer, count, load);
        var end = Stopwatch.GetTimestamp();
        consumer.Close();
        return end;
    }

    static ConsumeResult<byte[], byte[]> Next(IConsumer<byte[], byte[]> consumer, int count, KafkaLoad load) =>
        consumer.Consume(Limit) ?? throw new TimeoutException($"Only {count} of {load.Records} records came.");

    static ProducerConfig Producer(KafkaLoad load) => new()
    {
        BootstrapServers = load.BootstrapServers,
        LingerMs = 5,
        BatchSize = 1_000_000,
        Acks = Acks.All,
        EnableIdempotence = true,
        MaxInFlight = 5,
        DeliveryReportFields = "status",
    };

    static ConsumerConfig Consumer(KafkaLoad load, bool isTransactional = false) => new()
    {
        BootstrapServers = load.BootstrapServers,
        GroupId = KafkaLoad.NewGroup(),
        AutoOffsetReset = AutoOffsetReset.Earliest,
        EnableAutoCommit = !isTransactional,
        EnableAutoOffsetStore = false,
        AutoCommitIntervalMs = 1_000,
        IsolationLevel = IsolationLevel.ReadCommitted,
        PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
    };
}
