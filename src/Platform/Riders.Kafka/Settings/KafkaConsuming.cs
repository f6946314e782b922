using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>The settings of the section <c>Bus:Kafka:Consumer</c>.</summary>
public sealed class KafkaConsuming
{
    /// <summary>
    /// Where a group begins that is new to an endpoint's topics: <c>Earliest</c> or <c>Latest</c>. It is decided once, and the place is
    /// committed: what comes to be later, such as a partition, is read from its beginning, and so are the topics of retries and dead
    /// letters.
    /// </summary>
    /// <value>The default is <c>Earliest</c>.</value>
    public AutoOffsetReset OffsetReset { get; set; } = AutoOffsetReset.Earliest;

    /// <summary>How many records are taken at a time at most.</summary>
    /// <value>The default is 500.</value>
    [Range(1, 100_000, ErrorMessage = "Use a whole number from 1 to 100000.")]
    public int MaxPollRecords { get; set; } = 500;

    /// <summary>The time that a new group begins at, by the topic's name; these win over <see cref="OffsetReset"/>.</summary>
    public Dictionary<string, DateTimeOffset> StartTimes { get; set; } = [];

    /// <summary>
    /// How long a member may be silent before its partitions go to another. Brokers take 6 seconds to 30 minutes, unless they are set
    /// otherwise. Not used with <see cref="Protocol"/> <c>Consumer</c>: the broker has its own then.
    /// </summary>
    /// <value>The default is 10 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Use a duration from 1s to 10m.")]
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often finished work is committed. After a crash it is at most this much that is done again.</summary>
    /// <value>The default is 1 second.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ErrorMessage = "Use a duration from 10ms to 10m.")]
    public TimeSpan CommitInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a transaction may be open, before the broker gives it up. It is closed when a third of that is over, and a record may be
    /// worked on for five twelfths of it.
    /// </summary>
    /// <value>The default is 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:15:00", ErrorMessage = "Use a duration from 1s to 15m.")]
    public TimeSpan TransactionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How members of a group share partitions. <c>CooperativeSticky</c> moves only what must be moved; <c>Range</c> and <c>RoundRobin</c>
    /// take everything from everybody each time. A group that is shared with another program, such as MassTransit's rider, needs one of the
    /// latter: the two kinds cannot be in one group. Not used with <see cref="Protocol"/> <c>Consumer</c>.
    /// </summary>
    /// <value>The default is <c>CooperativeSticky</c>. All of a group's members must use the same kind.</value>
    public PartitionAssignmentStrategy Assignment { get; set; } = PartitionAssignmentStrategy.CooperativeSticky;

    /// <summary>
    /// The protocol that members use: <c>Classic</c>, or <c>Consumer</c>, with which a broker of version 4 shares the partitions itself.
    /// </summary>
    /// <value>The default is <c>Classic</c>.</value>
    public GroupProtocol Protocol { get; set; } = GroupProtocol.Classic;

    /// <summary>
    /// What this process is called in its groups, such as its host's name: it gets its partitions back when it starts again within the
    /// session, and nobody else's move meanwhile. Each process needs a name of its own.
    /// </summary>
    /// <value>The default is none: a process that starts again is a new member.</value>
    public string? Member { get; set; }

    internal IEnumerable<ValidationResult> Problems(KafkaProducing producer)
    {
        if (!string.IsNullOrEmpty(Member) && KafkaNames.Problem(Member) is { } problem)
            yield return new ValidationResult($"Consumer:Member is '{Member}'. {problem}");
        if (OffsetReset == AutoOffsetReset.Error)
            yield return new ValidationResult(
                "Consumer:OffsetReset is Error, with which a new group can never begin. Use Earliest or Latest.");
        if (producer.Linger >= TransactionTimeout)
            yield return new ValidationResult(
                $"Consumer:TransactionTimeout is {TransactionTimeout} and Producer:Linger {producer.Linger}: a transaction would be given "
                    + "up before its records are sent. Use a longer TransactionTimeout, or a shorter Linger.");
    }
}
