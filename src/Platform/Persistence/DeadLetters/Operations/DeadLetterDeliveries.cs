using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>Finds out whether what was sent again has reached its queue.</summary>
sealed class DeadLetterDeliveries(IOutboxStore outbox, OutboxRefusals refusals, TimeProvider time)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits some seconds at most for a message to be delivered. One that its destination has refused is not waited for.</summary>
    public async Task<bool> IsDelivered(WaitingMessage message, CancellationToken cancellationToken)
    {
        for (var begun = time.GetTimestamp(); time.GetElapsedTime(begun) < Limit; await Task.Delay(Interval, time, cancellationToken))
        {
            if (!await outbox.Holds(message, cancellationToken))
                return true;
            if (refusals.Of(message.Destination) is not null)
                return false;
        }

        return false;
    }

    /// <summary>Why a destination takes nothing; null if this host does not know.</summary>
    public string? Reason(string destination) => refusals.Of(destination);

    /// <summary>What keeps messages from a destination, within a transaction; null if none waits for it.</summary>
    public async Task<string?> Waiting(
        DbConnection connection, DbTransaction transaction, string destination, CancellationToken cancellationToken) =>
        await outbox.CountFor(connection, transaction, destination, cancellationToken) is var count and > 0
            ? $"{count} messages wait in the outbox for {destination}. "
                + (Reason(destination) ?? "If it refuses them, the log of the host that sends them says why.")
            : null;
}
