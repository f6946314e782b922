using System.Buffers;
using System.Text.Json;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Writes the outbox's metadata for messages that come from a wire and not from a send: dead letters that are sent again.
/// </summary>
static class WireMessage
{
    /// <summary>Marks metadata of a message that was received: its transport gives it everything back as it was.</summary>
    public const string Received = "received";

    const string DefaultContentType = "application/vnd.masstransit+json";

    /// <summary>Everything about a dead letter but its body, in the form of the outbox.</summary>
    public static byte[] Metadata(DeadLetter letter) => Write(writer =>
    {
        writer.WriteBoolean(Received, true);
        writer.WriteString("content", letter.ContentType ?? DefaultContentType);
        writer.WriteAny("correlation", letter.Ids.CorrelationId);
        writer.WriteAny("conversation", letter.Ids.ConversationId);
        writer.WriteAny("request", letter.Ids.RequestId);
        writer.WriteAny("initiator", letter.Ids.InitiatorId);
        writer.WriteAny("source", letter.Ids.SourceAddress);
        writer.WriteAny("response", letter.Ids.ResponseAddress);
        writer.WriteAny("fault", letter.Ids.FaultAddress);
        writer.WriteStartArray("types");
        foreach (var type in letter.Ids.MessageTypes ?? [])
            writer.WriteStringValue(type);
        writer.WriteEndArray();
        writer.WriteAny("headers", letter.Headers);
        writer.WriteAny("properties", letter.Properties);
    });

    /// <summary>The headers that metadata holds.</summary>
    public static IReadOnlyDictionary<string, object?> Headers(byte[] metadata) => ReadAll(metadata, "headers");

    /// <summary>What metadata holds of the broker's own.</summary>
    public static IReadOnlyDictionary<string, object?> Properties(byte[] metadata) => ReadAll(metadata, "properties");

    /// <summary>The content type that metadata holds.</summary>
    public static string ContentType(byte[] metadata)
    {
        using var document = JsonDocument.Parse(metadata);
        return document.RootElement.GetProperty("content").GetString()!;
    }

    /// <summary>
    /// The metadata of the message on its next way: without the headers that tell of its failure, and with others in their place.
    /// </summary>
    public static byte[] WithoutFailure(byte[] metadata, IReadOnlyDictionary<string, object?> changes)
    {
        using var document = JsonDocument.Parse(metadata);

        return Write(writer =>
        {
            foreach (var property in document.RootElement.EnumerateObject().Where(property => property.Name != "headers"))
                property.WriteTo(writer);

            writer.WriteStartObject("headers");
            if (document.RootElement.TryGetProperty("headers", out var headers))
            {
                foreach (var header in headers.EnumerateObject()
                    .Where(header => !DeadLetterHeaders.IsOfFailure(header.Name) && !changes.ContainsKey(header.Name)))
                    header.WriteTo(writer);
            }

            foreach (var (name, value) in changes)
            {
                if (value is null)
                    continue;

                writer.WritePropertyName(name);
                MetadataValue.Write(writer, value);
            }

            writer.WriteEndObject();
        });
    }

    static Dictionary<string, object?> ReadAll(byte[] metadata, string name)
    {
        using var document = JsonDocument.Parse(metadata);
        return MetadataValue.ReadAll(document.RootElement, name);
    }

    static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
