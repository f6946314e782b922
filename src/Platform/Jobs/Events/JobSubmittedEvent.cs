namespace Maestro.Bus.Jobs;

/// <summary>A job has been submitted.</summary>
public sealed class JobSubmittedEvent : JobSubmitted
{
    public required Guid JobId { get; init; }

    /// <summary>Stands for the kind of job: the same on all hosts.</summary>
    public required Guid JobTypeId { get; init; }

    public required DateTime Timestamp { get; init; }

    public required TimeSpan JobTimeout { get; init; }

    public required Dictionary<string, object> Job { get; init; }

    public Dictionary<string, object>? JobProperties { get; init; }

    /// <summary>Jobs run once: schedules are what recurs.</summary>
    public RecurringJobSchedule? Schedule => null;
}
