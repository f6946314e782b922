namespace Maestro.Bus.Messaging;

/// <summary>
/// Sends messages from the outbox to addresses that are not the bus's own, such as a rider's topics. Registered as a service; the first
/// that knows an address has it. To write there, a producer gives its send context, with its own destination address, to the
/// <c>OutboxSendContext</c> of the scope or of the message being consumed.
/// </summary>
public interface IOutboxTransport
{
    /// <summary>Whether it sends to an address.</summary>
    bool Knows(Uri destination);

    /// <summary>Sends a message; completes when it is safe. Messages of one ordering key come one after the other.</summary>
    Task Send(IOutboxMessage message, Uri destination, CancellationToken cancellationToken);
}
