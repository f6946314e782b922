using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>Has an endpoint's channel consume with a <see cref="LettingGoConsumer"/>.</summary>
sealed class ConsumeFilter : IFilter<ChannelContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("consume");

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        using var channel = new ConsumeChannelContext(context);
        await next.Send(channel);
    }

    sealed class ConsumeChannelContext(ChannelContext context) : ScopeChannelContext(context, context.CancellationToken), ChannelContext
    {
        Task<string> ChannelContext.BasicConsume(
            string queue, bool noAck, bool exclusive, IDictionary<string, object> arguments, IAsyncBasicConsumer consumer, string consumerTag, CancellationToken cancellationToken) =>
            BasicConsume(queue, noAck, exclusive, arguments, new LettingGoConsumer(consumer), consumerTag, cancellationToken);
    }
}
