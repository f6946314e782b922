using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using MassTransit.Context;

namespace Maestro.Bus.Persistence;

/// <summary>Writes down everything about a message but its body, and gives it back to the message when it is sent.</summary>
static class OutboxMetadata
{
    static readonly ConcurrentDictionary<string, ContentType> ContentTypes = new(StringComparer.Ordinal);

    public static WaitingMessage Write<T>(SendContext<T> context, Guid transaction, TimeProvider time)
        where T : class
    {
        var orderingKey = context.OrderingKey(transaction);

        return new WaitingMessage
        {
            OrderingKey = orderingKey,
            Partition = OutboxPartitions.Of(orderingKey),
            Destination = context.DestinationAddress?.AbsoluteUri
                ?? throw new ArgumentException(
                    $"A message {TypeCache<T>.ShortName} has no destination. Send it to an endpoint, or publish it.", nameof(context)),
            MessageId = context.MessageId
                ?? throw new ArgumentException(
                    $"A message {TypeCache<T>.ShortName} has no id. Leave the id that it is given.", nameof(context)),
            Body = context.Serializer.GetMessageBody(context).GetBytes(),
            Metadata = Serialize(context, time),
        };
    }

    /// <summary>Takes over a message that MassTransit has written.</summary>
    /// <param name="message">The message.</param>
    /// <param name="orderingKey">What it was kept in order by.</param>
    /// <exception cref="FormatException">It has no destination, or headers that are no JSON object.</exception>
    /// <exception cref="JsonException">It has headers that are no JSON.</exception>
    public static WaitingMessage Of(OutboxMessage message, Guid orderingKey)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("content", message.ContentType);
            writer.WriteBoolean("text", true);
            writer.WriteAny("request", message.RequestId);
            writer.WriteAny("conversation", message.ConversationId);
            writer.WriteAny("correlation", message.CorrelationId);
            writer.WriteAny("initiator", message.InitiatorId);
            writer.WriteAny("source", message.SourceAddress);
            writer.WriteAny("response", message.ResponseAddress);
            writer.WriteAny("fault", message.FaultAddress);
            WriteTime(writer, "expires", message.ExpirationTime);
            WriteTime(writer, "due", message.EnqueueTime);

            writer.WriteStartArray("types");
            foreach (var type in message.MessageType.Split(';', StringSplitOptions.RemoveEmptyEntries))
                writer.WriteStringValue(type);
            writer.WriteEndArray();

            WriteObject(writer, "headers", message.Headers);
            WriteObject(writer, "properties", message.Properties, nameof(SendContext.Delay));
            writer.WriteEndObject();
        }

        var key = orderingKey.ToString("n");
        return new WaitingMessage
        {
            OrderingKey = key,
            Partition = OutboxPartitions.Of(key),
            Destination = message.DestinationAddress?.AbsoluteUri ?? throw new FormatException("its row has no DestinationAddress"),
            MessageId = message.MessageId,
            Body = Encoding.UTF8.GetBytes(message.Body),
            Metadata = buffer.WrittenSpan.ToArray(),
        };
    }

    /// <summary>The names of a message's types, its own first.</summary>
    public static string[] Types(WaitingMessage message)
    {
        using var document = JsonDocument.Parse(message.Metadata);
        return Types(document.RootElement);
    }

    public static void Read(WaitingMessage message, SendContext context, TimeProvider time)
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
        context.SupportedMessageTypes = Types(metadata);

        // What was received has all its headers, and gets none from the pipeline of what this host sends.
        var isReceived = metadata.TryGetProperty(WireMessage.Received, out _);
        if (isReceived)
        {
            foreach (var (name, _) in context.Headers.GetAll().ToList())
                context.Headers.Set(name, null);
        }

        var headers = MetadataValue.ReadAll(metadata, "headers");
        foreach (var (name, value) in headers)
        {
            if (value is not null)
                context.Headers.Set(name, value, true);
        }

        var properties = MetadataValue.ReadAll(metadata, "properties");
        if (context is TransportSendContext transport)
            transport.ReadPropertiesFrom(properties!);
        if (isReceived)
            context.AddOrUpdatePayload(() => new ReceivedContent(headers, properties), _ => new ReceivedContent(headers, properties));

        if (Time(metadata, "expires") is { } expires)
            context.TimeToLive = expires - time.GetUtcNow();
        if (Time(metadata, "due") is { } due && due - time.GetUtcNow() is { } delay && delay > TimeSpan.Zero)
            context.Delay = delay;

        var contentType = ContentTypes.GetOrAdd(metadata.GetProperty("content").GetString()!, text => new ContentType(text));
        // Text that stands for bytes is known to its serializer only.
        var body = metadata.TryGetProperty("text", out _)
            ? context.Serialization.GetMessageDeserializer(contentType).GetMessageBody(Encoding.UTF8.GetString(message.Body)).GetBytes()
            : message.Body;
        context.Serializer = new StoredBody(contentType, body);
    }

    /// <summary>When a message is of no use any more; never where nobody has said.</summary>
    public static DateTimeOffset? Expires(WaitingMessage message)
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

    // MassTransit writes its times in UTC, and databases may forget that.
    static void WriteTime(Utf8JsonWriter writer, string name, DateTime? time)
    {
        if (time is { } moment)
            writer.WriteString(
                name, new DateTimeOffset(moment.Kind == DateTimeKind.Local ? moment : DateTime.SpecifyKind(moment, DateTimeKind.Utc)));
    }

    static void WriteObject(Utf8JsonWriter writer, string name, string? json, string? without = null)
    {
        if (string.IsNullOrEmpty(json))
            return;

        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new FormatException($"its {name} are a JSON {document.RootElement.ValueKind} instead of an object");

        writer.WriteStartObject(name);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && property.Name != without)
            {
                writer.WritePropertyName(property.Name);
                MetadataValue.Write(writer, property.Value);
            }
        }

        writer.WriteEndObject();
    }

    static Guid? Id(JsonElement metadata, string name) => metadata.TryGetProperty(name, out var id) ? id.GetGuid() : null;

    static Uri? Address(JsonElement metadata, string name) =>
        metadata.TryGetProperty(name, out var address) ? new Uri(address.GetString()!) : null;

    static DateTimeOffset? Time(JsonElement metadata, string name) =>
        metadata.TryGetProperty(name, out var time) ? time.GetDateTimeOffset() : null;

    static string[] Types(JsonElement metadata) => metadata.TryGetProperty("types", out var types)
        ? [.. types.EnumerateArray().Select(type => type.GetString()!)]
        : [];
}
