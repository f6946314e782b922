using MassTransit.Middleware;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Goes along with a message, as a payload of its context: told once the message is complete, by the outbox that takes it or, without one,
/// before it is sent.
/// </summary>
public interface ISendCompanion
{
    /// <summary>Sends along.</summary>
    /// <param name="context">The complete message.</param>
    /// <param name="outbox">The outbox that takes the message, and must take what goes along; none where the message is sent at
    /// once.</param>
    Task Send<T>(SendContext<T> context, OutboxSendContext? outbox)
        where T : class;
}
