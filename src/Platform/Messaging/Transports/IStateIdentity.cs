namespace Maestro.Bus.Messaging;

/// <summary>
/// Tells a host's state from that of other hosts, where each may have one of its own. Hosts that receive from the same queues must share
/// it: sagas, inbox and schedules would be split among them otherwise.
/// </summary>
public interface IStateIdentity
{
    /// <summary>What the state is known by, for as long as it exists; null if all hosts that are configured alike share it.</summary>
    Task<StateIdentity?> Find(CancellationToken cancellationToken);
}

/// <summary>A host's own state.</summary>
/// <param name="Id">What it is known by; null if it is new, and has not been made yet.</param>
/// <param name="Place">Where it lies, for a person.</param>
/// <param name="Remedy">What to set so that all hosts share one.</param>
public sealed record StateIdentity(string? Id, string Place, string Remedy);
