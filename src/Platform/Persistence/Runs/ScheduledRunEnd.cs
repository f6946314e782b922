namespace Maestro.Bus.Persistence;

/// <summary>How a schedule's run has ended.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Attempts">How many attempts it took.</param>
/// <param name="Error">Why it failed; nothing where it succeeded.</param>
public sealed record ScheduledRunEnd(Guid Run, TimeSpan Duration, int Attempts, string? Error);
