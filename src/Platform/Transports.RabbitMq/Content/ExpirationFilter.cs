using MassTransit.Transports;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Keeps the expiration of a message that becomes a dead letter in its headers. MassTransit 8.5 takes it off the copy, which the broker
/// would drop otherwise.
/// </summary>
sealed class ExpirationFilter : IFilter<ReceiveContext>
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("expiration");

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        if (context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery) && delivery.Properties.Expiration is { } expiration
            && context.TryGetPayload(out IErrorTransport? transport))
        {
            var keeping = new KeepingTransport(transport, expiration);
            context.AddOrUpdatePayload<IErrorTransport>(() => keeping, _ => keeping);
        }

        return next.Send(context);
    }

    sealed class KeepingTransport(IErrorTransport transport, string expiration) : IErrorTransport
    {
        public Task Send(ExceptionReceiveContext context)
        {
            context.ExceptionHeaders.Set(AmqpContent.KeptExpiration, expiration);
            return transport.Send(context);
        }
    }
}
