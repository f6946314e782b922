namespace Maestro.Bus.Jobs;

/// <summary>An attempt has begun; for those who know the job's type, and for those who do not.</summary>
public sealed class JobStartedEvent<TJob> : JobStarted, JobStarted<TJob>
    where TJob : class
{
    public required Guid JobId { get; init; }

    public required Guid AttemptId { get; init; }

    public required int RetryAttempt { get; init; }

    public required DateTime Timestamp { get; init; }
}
