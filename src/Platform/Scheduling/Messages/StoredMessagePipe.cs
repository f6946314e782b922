using System.Net.Mime;
using MassTransit.Context;
using MassTransit.Serialization;

namespace Maestro.Bus.Scheduling;

/// <summary>Gives a message that is being sent what a stored one was written with.</summary>
sealed class StoredMessagePipe(StoredMessage message, TimeProvider time, Action<SendContext>? also = null) : IPipe<SendContext>
{
    public Task Send(SendContext context)
    {
        var deserializer = context.Serialization.GetMessageDeserializer(new ContentType(message.ContentType));
        var headers = new DictionarySendHeaders();
        var content = deserializer.Deserialize(deserializer.GetMessageBody(message.Body), headers, message.Destination);

        context.MessageId = message.MessageId ?? context.MessageId;
        context.CorrelationId = message.CorrelationId;
        context.ConversationId = message.ConversationId ?? context.ConversationId;
        context.InitiatorId = message.InitiatorId;
        context.RequestId = message.RequestId;
        context.SourceAddress = message.SourceAddress ?? context.SourceAddress;
        context.ResponseAddress = message.ResponseAddress;
        context.FaultAddress = message.FaultAddress;
        context.SupportedMessageTypes = [.. message.Types];

        foreach (var (key, value) in message.Headers)
            context.Headers.Set(key, value);
        foreach (var (key, value) in message.TypedHeaders)
            context.Headers.Set(key, MetadataValue.Read(value), true);
        if (message.Properties.Count > 0 && context.TryGetPayload(out TransportSendContext? transport))
            transport.ReadPropertiesFrom(message.Properties.ToDictionary(
                property => property.Key, property => MetadataValue.Read(property.Value)!));
        if (message.RoutingKey is { Length: > 0 } routingKey && context.TryGetPayload(out RoutingKeySendContext? routed))
            routed.RoutingKey = routingKey;

        if (message.Expires is { } expires)
            context.TimeToLive = expires - time.GetUtcNow();

        also?.Invoke(context);
        context.Serializer = content.GetMessageSerializer();
        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("storedMessage");

    /// <summary>Sends it by the bus.</summary>
    public async Task SendTo(IBus bus, CancellationToken cancellationToken) =>
        await SendTo(await bus.GetStoredSendEndpoint(message.Destination, message.Types), cancellationToken);

    /// <summary>Writes it down in an outbox, which sends it.</summary>
    public async Task SendTo(ISendEndpointProvider outbox, CancellationToken cancellationToken) =>
        await SendTo(await outbox.GetSendEndpoint(message.Destination), cancellationToken);

    Task SendTo(ISendEndpoint endpoint, CancellationToken cancellationToken) =>
        endpoint.Send(new SerializedMessageBody(), this, cancellationToken);
}
