namespace Maestro.Bus.Jobs;

/// <summary>
/// A job has succeeded; for those who know its type, and for those who do not: on the wire, the job is the same JSON for both.
/// </summary>
public sealed class JobCompletedEvent<TJob> : JobCompleted, JobCompleted<TJob>
    where TJob : class
{
    public required Guid JobId { get; init; }

    public required DateTime Timestamp { get; init; }

    public required TimeSpan Duration { get; init; }

    public required TJob Job { get; init; }

    public Dictionary<string, object>? JobProperties { get; init; }

    public Dictionary<string, object>? InstanceProperties { get; init; }

    public Dictionary<string, object>? JobTypeProperties { get; init; }

    Dictionary<string, object> JobCompleted.Job => JobJson.ToDictionary(Job);
}
