using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Persistence;

/// <summary>The settings of the section <c>Bus:Database:Inbox</c>.</summary>
public sealed class InboxSettings
{
    /// <summary>
    /// How long a handled message is remembered, so that it is not handled again when it is delivered again. It should be longer than a
    /// message can lie in a queue.
    /// </summary>
    /// <value>The default is 24 hours.</value>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Whether this host forgets messages that were handled longer ago. Off, another host on the same database must.</summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Cleanup { get; set; } = true;

    /// <summary>How often messages that were handled longer ago are forgotten.</summary>
    /// <value>The default is 1 minute.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00", ErrorMessage = "Use a duration from {1} to {2}.")]
    public TimeSpan CleanupInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many messages are forgotten in one transaction.</summary>
    /// <value>The default is 1000.</value>
    [Range(1, 100_000, ErrorMessage = "Use a whole number from 1 to 100000.")]
    public int CleanupBatch { get; set; } = 1_000;
}
