using MassTransit.RabbitMqTransport;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Declares a queue's dead letters before the queue: the broker has nowhere to move a message to while they do not exist.
/// </summary>
sealed class DeadLetterQueueFilter(string deadLetters, IReadOnlyDictionary<string, object> arguments) : IFilter<ChannelContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetterQueue");

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        await context.QueueDeclare(deadLetters, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object>(arguments), context.CancellationToken);
        await next.Send(context);
    }
}
