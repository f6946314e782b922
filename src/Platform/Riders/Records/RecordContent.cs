using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Riders;

/// <summary>
/// What a record says: its message and the headers about it. A CloudEvent says both in its body, or the headers in headers of its own.
/// </summary>
sealed class RecordContent
{
    const string CloudEventMedia = "application/cloudevents+json";
    const string Json = "application/json";

    static readonly RecordHeaders None = new(0);

    RecordContent(byte[] body, RecordHeaders attributes, string? contentType, string? problem = null)
    {
        Body = body;
        Attributes = attributes;
        ContentType = contentType;
        Problem = problem;
    }

    /// <summary>The message.</summary>
    public byte[] Body { get; }

    /// <summary>What the body has said about the message, as headers.</summary>
    public RecordHeaders Attributes { get; }

    /// <summary>The message's own content type; none where nobody has said.</summary>
    public string? ContentType { get; }

    /// <summary>Whether it is JSON, as nearly all are, and nobody has said more about that.</summary>
    public bool IsPlain => ContentType is null or Json;

    /// <summary>Why it cannot be read.</summary>
    public string? Problem { get; }

    public static RecordContent Of(StreamRecord record)
    {
        var media = record.Headers.GetBytes(MessageHeaders.ContentType);
        var contentType = media is null ? null : media.AsSpan().SequenceEqual("application/json"u8) ? Json : Encoding.UTF8.GetString(media);
        var body = record.Value ?? [];

        try
        {
            return contentType?.StartsWith(CloudEventMedia, StringComparison.OrdinalIgnoreCase) == true
                ? OfCloudEvent(BodyText.ToUtf8IfText(body, contentType))
                : new RecordContent(BodyText.ToUtf8IfText(body, contentType), None, contentType);
        }
        catch (SerializationException exception)
        {
            return Unreadable(body, exception.Message);
        }
    }

    static RecordContent OfCloudEvent(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var attributes = new RecordHeaders();
            byte[]? data = null;
            var isEncoded = false;

            foreach (var attribute in document.RootElement.EnumerateObject())
            {
                if (attribute.NameEquals("data"u8))
                    data = Encoding.UTF8.GetBytes(attribute.Value.GetRawText());
                else if (attribute.NameEquals("data_base64"u8))
                    (data, isEncoded) = (attribute.Value.GetBytesFromBase64(), true);
                else if (attribute.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array))
                    attributes.Add($"ce_{attribute.Name}", attribute.Value.ToString());
            }

            if (data is null)
                return Unreadable(body, "It is a CloudEvent without data.");

            // Data within the event's JSON is in the event's own encoding.
            var contentType = attributes.Get("ce_datacontenttype");
            return new RecordContent(isEncoded ? BodyText.ToUtf8IfText(data, contentType) : data, attributes, contentType);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return Unreadable(body, $"It says that it is a CloudEvent and is not one: {exception.Message}");
        }
    }

    static RecordContent Unreadable(byte[] body, string problem) => new(body, None, null, problem);
}
