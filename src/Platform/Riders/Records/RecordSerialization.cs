using System.Net.Mime;

namespace Maestro.Bus.Riders;

/// <summary>Chooses what reads a record: JSON is the engine's own; whatever else the bus has a serializer for, that one's.</summary>
sealed class RecordSerialization(ISerialization inner, RecordDeserializer json) : ISerialization
{
    public ContentType DefaultContentType => json.ContentType;

    public IMessageSerializer GetMessageSerializer(ContentType? contentType = null) => inner.GetMessageSerializer(contentType);

    public bool TryGetMessageSerializer(ContentType contentType, out IMessageSerializer serializer) =>
        inner.TryGetMessageSerializer(contentType, out serializer!);

    public IMessageDeserializer GetMessageDeserializer(ContentType? contentType = null) =>
        contentType is null || IsJson(contentType.MediaType) ? json
        : inner.TryGetMessageDeserializer(contentType, out var deserializer) ? deserializer
        : throw new UnreadableRecordException($"Its content type is {contentType.MediaType}, which this bus has no serializer for.");

    public bool TryGetMessageDeserializer(ContentType contentType, out IMessageDeserializer deserializer)
    {
        deserializer = GetMessageDeserializer(contentType);
        return true;
    }

    public void Probe(ProbeContext context) => inner.Probe(context);

    static bool IsJson(string media) =>
        media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || media.Equals("text/json", StringComparison.OrdinalIgnoreCase)
        || (media.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
            && !media.StartsWith("application/vnd.masstransit", StringComparison.OrdinalIgnoreCase));
}
