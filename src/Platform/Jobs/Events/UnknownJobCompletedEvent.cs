namespace Maestro.Bus.Jobs;

/// <summary>
/// A job has succeeded whose type the host that tells of it does not know: another host has run it, and its last child ended here.
/// </summary>
public sealed class UnknownJobCompletedEvent : JobCompleted
{
    public required Guid JobId { get; init; }

    public required DateTime Timestamp { get; init; }

    public required TimeSpan Duration { get; init; }

    public required Dictionary<string, object> Job { get; init; }

    public Dictionary<string, object>? JobProperties { get; init; }

    public Dictionary<string, object>? InstanceProperties { get; init; }

    public Dictionary<string, object>? JobTypeProperties { get; init; }
}
