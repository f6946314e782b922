using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Persistence;

/// <summary>The settings of the section <c>Bus:Database:Outbox</c>.</summary>
public sealed class OutboxSettings
{
    const string Durations = "Use a duration from {1} to {2}.";

    /// <summary>Whether this host sends what waits in the outbox. Off, another host on the same database must.</summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Deliver { get; set; } = true;

    /// <summary>How many dispatchers share this host's part of the outbox. Each reads, sends and deletes on its own.</summary>
    /// <value>The default is 2.</value>
    [Range(1, OutboxPartitions.Count, ErrorMessage = "Use a whole number from 1 to 32.")]
    public int Dispatchers { get; set; } = 2;

    /// <summary>How many messages a dispatcher has in hand at once: read, being sent, or not yet deleted.</summary>
    /// <value>The default is 2000.</value>
    [Range(1, 20_000, ErrorMessage = "Use a whole number from 1 to 20000.")]
    public int Window { get; set; } = 2_000;

    /// <summary>How many messages this host sends at the same time: sent, and not yet confirmed.</summary>
    /// <value>The default is 1000.</value>
    [Range(1, 10_000, ErrorMessage = "Use a whole number from 1 to 10000.")]
    public int Concurrency { get; set; } = 1_000;

    /// <summary>How long a send may take before it counts as failed.</summary>
    /// <value>The default is 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00", ErrorMessage = Durations)]
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a destination that did not take a message is left alone; each further failure doubles it.</summary>
    /// <value>The default is 1 second.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00", ErrorMessage = Durations)]
    public TimeSpan FirstRetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest that a destination is left alone.</summary>
    /// <value>The default is 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00", ErrorMessage = Durations)]
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a message is tried that fails while its destination takes others. Then it is given up: it stays in the table, in the state
    /// 2, and holds nothing back any more. A destination that takes nothing at all is tried for ever.
    /// </summary>
    /// <value>The default is 10.</value>
    [Range(1, 1_000, ErrorMessage = "Use a whole number from 1 to 1000.")]
    public int Attempts { get; set; } = 10;

    /// <summary>How long a host's part of the outbox waits for it after it has died, before the other hosts take it over.</summary>
    /// <value>The default is 5 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = Durations)]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often everything is looked through for messages that no signal has announced, because whoever wrote them died or has no
    /// connection.
    /// </summary>
    /// <value>The default is 2 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00", ErrorMessage = Durations)]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a reading of the outbox may take before it counts as failed and is tried again.</summary>
    /// <value>The default is 30 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00", ErrorMessage = Durations)]
    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the backlog is measured for the gauges.</summary>
    /// <value>The default is 5 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00", ErrorMessage = Durations)]
    public TimeSpan MeasureInterval { get; set; } = TimeSpan.FromSeconds(5);
}
