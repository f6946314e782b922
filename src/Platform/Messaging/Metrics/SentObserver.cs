namespace Maestro.Bus.Messaging;

/// <summary>
/// Counts what applications send, once the broker has it: a message of the outbox when it leaves the outbox. Redeliveries, what is sent
/// again from the dead letters, and MassTransit's own messages, such as faults, are not counted.
/// </summary>
sealed class SentObserver(MessageMetrics metrics) : SendingObserver
{
    public override Task PostSend<T>(SendContext<T> context) => Count(context);

    public override Task PostPublish<T>(PublishContext<T> context) => Count(context);

    // What leaves the outbox is of a type that stands for any; its own is among the names.
    Task Count(SendContext context)
    {
        if (GoingBack.Is(context))
            return Task.CompletedTask;

        if (context.TryGetPayload(out ReceivedContent? _))
            metrics.SentAgain();
        else if (context.SupportedMessageTypes is [var type, ..])
            metrics.Sent(type);

        return Task.CompletedTask;
    }
}
