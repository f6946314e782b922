using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Has an endpoint's channel consume with a <see cref="LettingGoConsumer"/>, from a queue of this host's state that what is delayed finds
/// its way to, and what is published while it is deleted.
/// </summary>
sealed class ConsumeFilter(
    DelayTopology delays, StateClaim claim, TopologyKeeper keeper, BrokerState state, RabbitMqQueueType type) : IFilter<ChannelContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("consume");

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        using var channel = new ConsumeChannelContext(context, delays, claim, keeper, state, type);
        await next.Send(channel);
    }

    sealed class ConsumeChannelContext(
        ChannelContext context, DelayTopology delays, StateClaim claim, TopologyKeeper keeper, BrokerState state, RabbitMqQueueType type)
        : ScopeChannelContext(context, context.CancellationToken), ChannelContext
    {
        async Task<string> ChannelContext.BasicConsume(
            string queue, bool noAck, bool exclusive, IDictionary<string, object> arguments, IAsyncBasicConsumer consumer,
            string consumerTag,
            CancellationToken cancellationToken)
        {
            if (TryGetPayload(out ReceiveSettings? settings)
                && settings is { ExchangeName: { Length: > 0 } exchange, Durable: true, AutoDelete: false })
            {
                await claim.Claim(this, queue);
                await delays.Receive(this, exchange);
                await UnroutedMessages.Receive(this, keeper.Topology, queue, exchange, type);
            }

            var letting = new LettingGoConsumer(consumer, keeper, () => state.Left(queue));
            var tag = await BasicConsume(queue, noAck, exclusive, arguments, letting, consumerTag, cancellationToken);
            state.Consumes(queue, Channel);
            return tag;
        }
    }
}
