namespace Maestro.Bus.Jobs;

/// <summary>A job has failed for good.</summary>
public sealed class JobFaultedEvent : JobFaulted
{
    public required Guid JobId { get; init; }

    public required DateTime Timestamp { get; init; }

    public TimeSpan? Duration { get; init; }

    public required Dictionary<string, object> Job { get; init; }

    public required ExceptionInfo Exceptions { get; init; }
}
