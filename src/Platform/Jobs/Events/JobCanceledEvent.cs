namespace Maestro.Bus.Jobs;

/// <summary>A job was cancelled.</summary>
public sealed class JobCanceledEvent : JobCanceled
{
    public required Guid JobId { get; init; }

    public required DateTime Timestamp { get; init; }

    public string? Reason { get; init; }
}
