using MassTransit.InMemoryTransport;
using MassTransit.Transports;
using MassTransit.Transports.Fabric;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Keeps the dead letters of a queue in memory in a queue of their own, with all their headers. MassTransit's own way sends them, without
/// the transport's headers, to an exchange that no queue is bound to.
/// </summary>
sealed class MemoryDeadLetters(string deadLetterQueue) : IFilter<ReceiveContext>, IErrorTransport, IDeadLetterTransport
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetters");

    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        context.AddOrUpdatePayload<IErrorTransport>(() => this, _ => this);
        context.AddOrUpdatePayload<IDeadLetterTransport>(() => this, _ => this);
        return next.Send(context);
    }

    Task IErrorTransport.Send(ExceptionReceiveContext context) => Move(context, headers => headers.CopyFrom(context.ExceptionHeaders));

    Task IDeadLetterTransport.Send(ReceiveContext context, string? reason) =>
        Move(context, headers => headers.Set(MessageHeaders.Reason, reason));

    Task Move(ReceiveContext context, Action<SendHeaders> explain)
    {
        var endpoint = context.GetPayload<InMemoryReceiveEndpointContext>();
        var (fabric, declarer) = (endpoint.MessageFabric, endpoint.TransportContext);
        fabric.ExchangeDeclare(declarer, deadLetterQueue, ExchangeType.FanOut);
        fabric.QueueDeclare(declarer, deadLetterQueue);
        fabric.QueueBind(declarer, deadLetterQueue, deadLetterQueue);

        var message = new InMemoryTransportMessage(
            context.GetMessageId(NewId.NextGuid()), context.GetBody(), context.ContentType?.ToString() ?? "application/octet-stream");
        foreach (var header in context.TransportHeaders)
            message.Headers.Set(header.Key, header.Value, overwrite: false);
        message.Headers.SetHostHeaders();
        explain(message.Headers);

        return fabric.GetExchange(declarer, deadLetterQueue, ExchangeType.FanOut)
            .Deliver(new InMemoryDeliveryContext(message, CancellationToken.None));
    }
}
