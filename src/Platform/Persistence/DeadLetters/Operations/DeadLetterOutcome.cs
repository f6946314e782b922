namespace Maestro.Bus.Persistence;

/// <summary>What has come of something that was done with a dead letter.</summary>
/// <param name="Letter">The dead letter as it was before.</param>
/// <param name="IsDelivered">Whether its message has reached its queue, where it is sent again; true for what sends nothing.</param>
/// <param name="Reason">Why it has not reached its queue yet; null if it has, or if nobody has said.</param>
public sealed record DeadLetterOutcome(StoredDeadLetter Letter, bool IsDelivered, string? Reason = null);
