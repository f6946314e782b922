namespace Maestro.Bus.Messaging;

/// <summary>What holds a queue's messages back in this process.</summary>
/// <param name="Cause">What it is.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reason">What brought it about.</param>
public sealed record QueuePause(QueuePauseCause Cause, DateTimeOffset Since, string Reason);

/// <summary>What can hold a queue's messages back.</summary>
public enum QueuePauseCause
{
    /// <summary>What the messages depend on is down.</summary>
    CircuitBreaker,

    /// <summary>Too many messages fail.</summary>
    KillSwitch,
}
