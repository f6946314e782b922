using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>The settings of the section <c>Bus:Kafka:Producer</c>.</summary>
public sealed class KafkaProducing
{
    /// <summary>How long a record waits for others to be sent with.</summary>
    /// <value>The default is 5 milliseconds.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Use a duration from 0s to 1m, such as 5ms.")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The most bytes that are sent to a partition at once.</summary>
    /// <value>The default is 1000000.</value>
    [Range(1, 2_000_000_000, ErrorMessage = "Use a whole number of bytes from 1 to 2000000000.")]
    public int BatchSize { get; set; } = 1_000_000;

    /// <summary>The most records that are sent to a partition at once.</summary>
    /// <value>The default is 10000.</value>
    [Range(1, 1_000_000, ErrorMessage = "Use a whole number from 1 to 1000000.")]
    public int BatchRecords { get; set; } = 10_000;

    /// <summary>How batches are compressed: <c>None</c>, <c>Gzip</c>, <c>Snappy</c>, <c>Lz4</c> or <c>Zstd</c>.</summary>
    /// <value>The default is <c>None</c>.</value>
    public CompressionType Compression { get; set; } = CompressionType.None;

    /// <summary>
    /// How many brokers must have a record before it counts as written: <c>All</c> that are in step, the <c>Leader</c>, or <c>None</c>.
    /// </summary>
    /// <value>The default is <c>All</c>.</value>
    public Acks Acks { get; set; } = Acks.All;

    /// <summary>
    /// Whether a record that is sent again after a failure is written once, and records keep their order. Asks for <see cref="Acks"/>
    /// <c>All</c>.
    /// </summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Idempotence { get; set; } = true;

    /// <summary>How many batches are on their way to one broker at a time.</summary>
    /// <value>The default is 5; no more with idempotence.</value>
    [Range(1, 1_000, ErrorMessage = "Use a whole number from 1 to 1000; at most 5 with idempotence.")]
    public int MaxInFlight { get; set; } = 5;

    /// <summary>
    /// How a key chooses its partition. <c>Murmur2Random</c> does as Java's clients do; <c>ConsistentRandom</c> as librdkafka's do.
    /// </summary>
    /// <value>The default is <c>Murmur2Random</c>, so that foreign programs' records of a key are in the same partition.</value>
    public Partitioner Partitioner { get; set; } = Partitioner.Murmur2Random;

    /// <summary>How long a record is tried to be written, before the call fails.</summary>
    /// <value>The default is 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00", ErrorMessage = "Use a duration from 100ms to 1h.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many records wait in memory to be written, before calls wait for room.</summary>
    /// <value>The default is 50000.</value>
    [Range(1, 10_000_000, ErrorMessage = "Use a whole number from 1 to 10000000.")]
    public int Buffer { get; set; } = 50_000;

    internal IEnumerable<ValidationResult> Problems()
    {
        if (Idempotence && Acks == Acks.All && MaxInFlight > 5)
            yield return new ValidationResult(
                $"Producer:MaxInFlight is {MaxInFlight}, and with Producer:Idempotence at most 5 keep their order. Use 5, or set "
                    + "Producer:Idempotence to false.");
        if (Linger >= Timeout)
            yield return new ValidationResult(
                $"Producer:Linger is {Linger} and Producer:Timeout {Timeout}: a record would be given up before it is sent. Use a shorter "
                    + "Linger, or a longer Timeout.");
    }

    internal ProducerConfig ApplyTo(ProducerConfig config)
    {
        config.LingerMs = Linger.TotalMilliseconds;
        config.BatchSize = BatchSize;
        config.BatchNumMessages = BatchRecords;
        config.CompressionType = Compression;
        config.Acks = Acks;
        config.EnableIdempotence = Idempotence && Acks == Acks.All;
        config.MaxInFlight = MaxInFlight;
        config.Partitioner = Partitioner;
        config.MessageTimeoutMs = (int)Timeout.TotalMilliseconds;
        config.QueueBufferingMaxMessages = Buffer * 2;
        config.DeliveryReportFields = "status";
        return config;
    }
}
