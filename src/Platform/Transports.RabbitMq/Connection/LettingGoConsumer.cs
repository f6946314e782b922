using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Lets go of the messages in work when their channel is lost. The client tells a lost connection's channels of it one after the other, and
/// each only when the consumer of the one before has ended; a consumer that publishes ends only when the channel it publishes on is told.
/// So they would wait for each other for good.
/// </summary>
sealed class LettingGoConsumer(IAsyncBasicConsumer consumer, TopologyKeeper keeper, Action left) : IAsyncBasicConsumer
{
    public IChannel? Channel => consumer.Channel;

    public async Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        // The client takes the body back as soon as this returns.
        var delivery = consumer.HandleBasicDeliverAsync(
            consumerTag, deliveryTag, redelivered, exchange,
            DelayTopology.RoutingKeyOf(exchange, routingKey, properties.Headers), properties, body.ToArray(), cancellationToken);

        try
        {
            // The client cancels this when the channel is lost, before it waits for the delivery to end.
            await delivery.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The message goes on in work; the broker delivers it again, because nobody can acknowledge it any more.
        }
    }

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken) =>
        consumer.HandleBasicConsumeOkAsync(consumerTag, cancellationToken);

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken)
    {
        left();
        return consumer.HandleBasicCancelOkAsync(consumerTag, cancellationToken);
    }

    /// <summary>The broker has ended the consumer, as when its queue is deleted.</summary>
    public async Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken)
    {
        // What has been deleted is told of before the endpoint begins anew and declares it.
        await keeper.TryRestore(cancellationToken);
        await consumer.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) =>
        consumer.HandleChannelShutdownAsync(channel, reason);
}
