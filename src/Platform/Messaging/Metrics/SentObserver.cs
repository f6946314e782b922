using MassTransit.Serialization;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Counts what applications send, once the broker has it: a message of the outbox when it leaves the outbox. Redeliveries, what is sent
/// again from the dead letters, and MassTransit's own messages, such as faults, are not counted.
/// </summary>
sealed class SentObserver(MessageMetrics metrics) : SendingObserver
{
    public override Task PostSend<T>(SendContext<T> context)
    {
        Count(context, typeof(T));
        return Task.CompletedTask;
    }

    public override Task PostPublish<T>(PublishContext<T> context)
    {
        Count(context, typeof(T));
        return Task.CompletedTask;
    }

    void Count(SendContext context, Type type)
    {
        if (GoingBack.Is(context))
            return;

        if (context.TryGetPayload(out ReceivedContent? _))
            metrics.SentAgain();
        else if (type == typeof(SerializedMessageBody))
        {
            if (context.SupportedMessageTypes is [var name, ..])
                metrics.Sent(name);
        }
        else
            metrics.Sent(type);
    }
}
