using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Mime;
using System.Text.Json;
using MassTransit.Context;

namespace MaestroBus.Persistence;

/// <summary>Writes down everything about a message but its body, and gives it back to the message when it is sent.</summary>
static class OutboxMetadata
{
    static readonly ConcurrentDictionary<string, ContentType> ContentTypes = new(StringComparer.Ordinal);

    public static OutboxMessage Write<T>(SendContext<T> context, Guid transaction, TimeProvider time)
        where T : class
    {
        var orderingKey = context.OrderingKey(transaction);

        return new OutboxMessage
        {
            OrderingKey = orderingKey,
            Partition = OutboxPartitions.Of(orderingKey),
            Destination = context.DestinationAddress?.AbsoluteUri
                ?? throw new ArgumentException($"A message {TypeCache<T>.ShortName} has no destination. Send it to an endpoint, or publish it.", nameof(context)),
            MessageId = context.MessageId
                ?? throw new ArgumentException($"A message {TypeCache<T>.ShortName} has no id. Leave the id that it is given.", nameof(context)),
            Body = context.Serializer.GetMessageBody(context).GetBytes(),
            Metadata = Serialize(context, time),
        };
    }

    public static void Read(OutboxMessage message, SendContext context, TimeProvider time)
    {
        using var document = JsonDocument.Parse(message.Metadata);
        var metadata = document.RootElement;

        context.MessageId = message.MessageId;
        context.RequestId = Id(metadata, "request");
        context.ConversationId = Id(metadata, "conversation");
        context.CorrelationId = Id(metadata, "correlation");
        context.InitiatorId = Id(metadata, "initiator");
        context.ScheduledMessageId = Id(metadata, "scheduled");
        context.SourceAddress = Address(metadata, "source") ?? context.SourceAddress;
        context.ResponseAddress = Address(metadata, "response");
        context.FaultAddress = Address(metadata, "fault");
        context.SupportedMessageTypes = metadata.TryGetProperty("types", out var types) ? [.. types.EnumerateArray().Select(type => type.GetString()!)] : [];

        // What was received has all its headers, and gets none from the pipeline of what this host sends.
        var isReceived = metadata.TryGetProperty(WireMessage.Received, out _);
        if (isReceived)
            foreach (var (name, _) in context.Headers.GetAll().ToList())
                context.Headers.Set(name, null);

        var headers = MetadataValue.ReadAll(metadata, "headers");
        foreach (var (name, value) in headers)
            if (value is not null)
                context.Headers.Set(name, value, true);

        var properties = MetadataValue.ReadAll(metadata, "properties");
        if (context is TransportSendContext transport)
            transport.ReadPropertiesFrom(properties!);
        if (isReceived)
            context.AddOrUpdatePayload(() => new ReceivedContent(headers, properties), _ => new ReceivedContent(headers, properties));

        if (Time(metadata, "expires") is { } expires)
            context.TimeToLive = expires - time.GetUtcNow();
        if (Time(metadata, "due") is { } due && due - time.GetUtcNow() is { } delay && delay > TimeSpan.Zero)
            context.Delay = delay;

        context.Serializer = new StoredBody(ContentTypes.GetOrAdd(metadata.GetProperty("content").GetString()!, text => new ContentType(text)), message.Body);
    }

    /// <summary>When a message is of no use any more; never where nobody has said.</summary>
    public static DateTimeOffset? Expires(OutboxMessage message)
    {
        using var document = JsonDocument.Parse(message.Metadata);
        return Time(document.RootElement, "expires");
    }

    static byte[] Serialize<T>(SendContext<T> context, TimeProvider time)
        where T : class
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("content", (context.ContentType ?? context.Serialization.DefaultContentType).ToString());
            writer.WriteAny("request", context.RequestId);
            writer.WriteAny("conversation", context.ConversationId);
            writer.WriteAny("correlation", context.CorrelationId);
            writer.WriteAny("initiator", context.InitiatorId);
            writer.WriteAny("scheduled", context.ScheduledMessageId);
            writer.WriteAny("source", context.SourceAddress);
            writer.WriteAny("response", context.ResponseAddress);
            writer.WriteAny("fault", context.FaultAddress);
            if (context.TimeToLive is { } timeToLive)
                writer.WriteString("expires", time.GetUtcNow() + timeToLive);
            if (context.Delay is { } delay)
                writer.WriteString("due", time.GetUtcNow() + delay);

            writer.WriteStartArray("types");
            foreach (var type in context.SupportedMessageTypes)
                writer.WriteStringValue(type);
            writer.WriteEndArray();

            writer.WriteAny("headers", context.Headers.GetAll().Where(header => header.Value is not null)!);
            if (context is TransportSendContext transport)
            {
                var properties = new Dictionary<string, object>();
                transport.WritePropertiesTo(properties);
                properties.Remove(nameof(SendContext.Delay));
                writer.WriteAny("properties", properties!);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    static Guid? Id(JsonElement metadata, string name) => metadata.TryGetProperty(name, out var id) ? id.GetGuid() : null;

    static Uri? Address(JsonElement metadata, string name) => metadata.TryGetProperty(name, out var address) ? new Uri(address.GetString()!) : null;

    static DateTimeOffset? Time(JsonElement metadata, string name) => metadata.TryGetProperty(name, out var time) ? time.GetDateTimeOffset() : null;
}
