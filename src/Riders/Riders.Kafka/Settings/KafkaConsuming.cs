using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Riders.Kafka;

/// <summary>The settings of the section <c>Bus:Kafka:Consumer</c>.</summary>
public sealed class KafkaConsuming
{
    /// <summary>Where a group begins that has committed nothing yet: <c>Earliest</c> or <c>Latest</c>.</summary>
    /// <value>The default is <c>Earliest</c>.</value>
    public AutoOffsetReset OffsetReset { get; set; } = AutoOffsetReset.Earliest;

    /// <summary>How many records are taken at a time at most.</summary>
    /// <value>The default is 500.</value>
    [Range(1, 100_000, ErrorMessage = "Use a whole number from 1 to 100000.")]
    public int MaxPollRecords { get; set; } = 500;

    /// <summary>How long a member may be silent before its partitions go to another.</summary>
    /// <value>The default is 10 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Use a duration from 1s to 10m.")]
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often finished work is committed. After a crash it is at most this much that is done again.</summary>
    /// <value>The default is 1 second.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ErrorMessage = "Use a duration from 10ms to 10m.")]
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a transaction may be open, before the broker gives it up.</summary>
    /// <value>The default is 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:15:00", ErrorMessage = "Use a duration from 1s to 15m.")]
    public TimeSpan TransactionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How members of a group share partitions. <c>CooperativeSticky</c> moves only what must be moved.</summary>
    /// <value>The default is <c>CooperativeSticky</c>. All of a group's members must use the same.</value>
    public PartitionAssignmentStrategy Assignment { get; set; } = PartitionAssignmentStrategy.CooperativeSticky;

    internal IEnumerable<ValidationResult> Problems(KafkaProducing producer)
    {
        if (OffsetReset == AutoOffsetReset.Error)
            yield return new ValidationResult("Consumer:OffsetReset is Error, with which a new group can never begin. Use Earliest or Latest.");
        if (producer.Linger >= TransactionTimeout)
            yield return new ValidationResult(
                $"Consumer:TransactionTimeout is {TransactionTimeout} and Producer:Linger {producer.Linger}: a transaction would be given up before its records are sent. Use a longer TransactionTimeout, or a shorter Linger.");
    }
}
