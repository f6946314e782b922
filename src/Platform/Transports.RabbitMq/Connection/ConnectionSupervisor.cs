using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Makes channels that any number of messages can wait on for their confirms. The client's own holds back what is published, by up to a
/// second, beyond half of 128; how much is in the air is for whoever publishes to say.
/// </summary>
sealed class ConnectionSupervisor(IRabbitMqHostConfiguration host, IRabbitMqTopologyConfiguration topology, TopologyKeeper keeper)
    : ConnectionContextSupervisor(host, topology), IPipeContextSource<ConnectionContext>
{
    Task IPipeContextSource<ConnectionContext>.Send(IPipe<ConnectionContext> pipe, CancellationToken cancellationToken) =>
        Send(new ConnectionPipe(pipe, keeper), cancellationToken);

    sealed class ConnectionPipe(IPipe<ConnectionContext> next, TopologyKeeper keeper) : IPipe<ConnectionContext>
    {
        public Task Send(ConnectionContext context) => next.Send(new UnthrottledConnection(context, keeper));

        public void Probe(ProbeContext context) => next.Probe(context);
    }

    sealed class UnthrottledConnection(ConnectionContext context, TopologyKeeper keeper)
        : SharedConnectionContext(context, context.CancellationToken), ConnectionContext
    {
        async Task<IChannel> ConnectionContext.CreateChannel(ushort? concurrentMessageLimit, CancellationToken cancellationToken)
        {
            var options = new CreateChannelOptions(
                PublisherConfirmation, PublisherConfirmation, outstandingPublisherConfirmationsRateLimiter: null,
                consumerDispatchConcurrency: concurrentMessageLimit);

            var channel = await Connection.CreateChannelAsync(options, cancellationToken);
            channel.ContinuationTimeout = ContinuationTimeout;
            return channel;
        }

        async Task<ChannelContext> ConnectionContext.CreateChannelContext(
            IAgent agent, ushort? concurrentMessageLimit, CancellationToken cancellationToken)
        {
            keeper.Use(this);
            var channel = await ((ConnectionContext)this).CreateChannel(concurrentMessageLimit, cancellationToken);
            return new DeclaringChannelContext(this, channel, agent, keeper, cancellationToken);
        }
    }
}
