using System.Text.Json;
using MassTransit.Context;

namespace Acme.Orders.Old;

/// <summary>The outbox of the request that is being answered, which nobody sends.</summary>
sealed class Outbox(OrdersDbContext orders)
{
    static readonly AsyncLocal<Outbox?> Requests = new();

    readonly Guid _id = NewId.NextGuid();
    bool _isBegun;

    /// <summary>The request's; null outside of requests.</summary>
    public static Outbox? Current
    {
        get => Requests.Value;
        set => Requests.Value = value;
    }

    /// <summary>Writes a message to MassTransit's tables, with the values that MassTransit writes there.</summary>
    public async Task Add<T>(PublishContext<T> context)
        where T : class
    {
        if (!_isBegun)
            await orders.Database.ExecuteSqlAsync(
                $"""INSERT INTO "OutboxState" ("OutboxId", "LockId", "Created") VALUES ({_id}, {Guid.Empty}, now())""");
        _isBegun = true;

        Dictionary<string, object> properties = new(StringComparer.OrdinalIgnoreCase);
        ((TransportSendContext)context).WritePropertiesTo(properties);
        var headers = context.Headers.GetAll().ToDictionary(header => header.Key, header => header.Value);
        await orders.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "OutboxMessage" ("OutboxId", "MessageId", "ConversationId", "CorrelationId", "InitiatorId", "RequestId",
                "SourceAddress", "DestinationAddress", "ResponseAddress", "FaultAddress", "SentTime", "ContentType", "MessageType", "Body",
                "Headers", "Properties")
            VALUES ({_id}, {context.MessageId}, {context.ConversationId}, {context.CorrelationId}, {context.InitiatorId},
                {context.RequestId}, {Text(context.SourceAddress)}, {Text(context.DestinationAddress)}, {Text(context.ResponseAddress)},
                {Text(context.FaultAddress)}, now(), {$"{context.ContentType ?? context.Serialization.DefaultContentType}"},
                {string.Join(";", context.SupportedMessageTypes)}, {context.Serializer.GetMessageBody(context).GetString()},
                {JsonSerializer.Serialize(headers)}, {JsonSerializer.Serialize(properties)})
            """);
    }

    static string? Text(Uri? address) => address?.ToString();
}

/// <summary>A message is in the outbox, and is not sent: a filter of MassTransit cannot keep one back in another way.</summary>
sealed class LeftInOutboxException : Exception;

/// <summary>Leaves in the outbox what a request publishes.</summary>
sealed class OutboxFilter<T> : IFilter<PublishContext<T>>
    where T : class
{
    public void Probe(ProbeContext context) => context.CreateFilterScope("outbox");

    public async Task Send(PublishContext<T> context, IPipe<PublishContext<T>> next)
    {
        if (Outbox.Current is { } outbox)
        {
            await outbox.Add(context);
            throw new LeftInOutboxException();
        }

        await next.Send(context);
    }
}
