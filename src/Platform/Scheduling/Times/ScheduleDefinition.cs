namespace Maestro.Bus.Scheduling;

/// <summary>A schedule as it is kept: when it runs, and what it sends.</summary>
sealed record ScheduleDefinition
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>The expression as it was written; none for an interval.</summary>
    public string? Cron { get; init; }

    public TimeSpan? Interval { get; init; }

    public string TimeZone { get; init; } = "UTC";

    public DaylightSavingRule DaylightSaving { get; init; }

    public IReadOnlyList<string> Except { get; init; } = [];

    public TimeSpan Jitter { get; init; }

    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    public MisfirePolicy Misfire { get; init; }

    public OverlapRule Overlap { get; init; }

    /// <summary>The message's type, for people.</summary>
    public required string MessageType { get; init; }

    public required StoredMessage Message { get; init; }

    /// <summary>Whether both run at the same times.</summary>
    public bool HasTimesOf(ScheduleDefinition other) =>
        (Cron, Interval, TimeZone, DaylightSaving, Start, End) == (other.Cron, other.Interval, other.TimeZone, other.DaylightSaving,
            other.Start, other.End)
        && Except.SequenceEqual(other.Except);
}
