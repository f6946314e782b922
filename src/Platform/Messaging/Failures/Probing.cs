namespace Maestro.Bus.Messaging;

/// <summary>Marks the one message that finds out whether what a queue depends on is back.</summary>
sealed record Probing;

/// <summary>Tells a consumer what its message is for.</summary>
public static class ProbingExtensions
{
    /// <summary>Whether the queue's circuit breaker is open and this message is its probe: try once, and leave it at that.</summary>
    public static bool IsProbe(this ConsumeContext context) => context.TryGetPayload(out Probing? _);
}
