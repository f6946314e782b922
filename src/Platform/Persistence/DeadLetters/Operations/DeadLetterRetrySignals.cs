namespace Maestro.Bus.Persistence;

/// <summary>Tells whoever works on operations, and whoever sends the outbox's messages, that there is something to do.</summary>
sealed class DeadLetterRetrySignals(OutboxSignals outbox)
{
    /// <summary>Wakes the worker of this process.</summary>
    public Wakeup Work { get; } = new();

    /// <summary>An operation has begun, or goes on.</summary>
    public void Began() => Work.Set();

    /// <summary>A transaction has committed these messages to the outbox.</summary>
    public void Sent(IReadOnlyList<WaitingMessage> messages)
    {
        if (messages.Count > 0)
            outbox.Committed(messages);
    }
}
