using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Persistence;

/// <summary>
/// The body of a message on a transport that keeps the headers in it. What tells of the message's failures is cut out of the bytes, and so
/// is the time at which it was over; everything else stays as it is, byte for byte.
/// </summary>
static class EnvelopeBody
{
    const string MediaType = "application/vnd.masstransit+json";

    /// <summary>The body of the message on its next way.</summary>
    /// <param name="body">The body as it failed.</param>
    /// <param name="contentType">Its content type: only an envelope is changed.</param>
    /// <param name="changes">What else is to be different.</param>
    public static byte[] WithoutFailure(byte[] body, string? contentType, EnvelopeChanges changes)
    {
        var utf8 = Utf8(body, contentType);
        var result = Rewritten(utf8, IsEnvelope(contentType), changes);

        // What has been read in another encoding is written in UTF-8, and a mark tells more surely than the charset that it came with.
        return result == utf8 ? body
            : BodyText.IsUsual(body, BodyText.CharsetOf(contentType)) ? result
            : [.. Encoding.UTF8.Preamble, .. result];
    }

    /// <summary>The types of the message that an envelope holds; none where the body is none.</summary>
    public static IReadOnlyList<string> MessageTypes(byte[] body, string? contentType)
    {
        try
        {
            var reader = new Utf8JsonReader(Utf8(body, contentType));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return [];

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isTypes = reader.ValueTextEquals("messageType"u8);
                reader.Read();
                if (!isTypes || reader.TokenType != JsonTokenType.StartArray)
                {
                    reader.Skip();
                    continue;
                }

                var types = new List<string>();
                while (reader.Read() && reader.TokenType == JsonTokenType.String)
                    types.Add(reader.GetString()!);
                return types;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // It is no envelope.
        }

        return [];
    }

    /// <summary>The bytes of the message itself, within an envelope or not, in UTF-8 where they are text in a known charset.</summary>
    public static ReadOnlyMemory<byte> Message(byte[] body, string? contentType)
    {
        body = Utf8(body, contentType);
        if (!IsEnvelope(contentType))
            return body;

        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return body;

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMessage = reader.ValueTextEquals("message"u8);
                reader.Read();
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isMessage)
                    return body.AsMemory(from, (int)reader.BytesConsumed - from);
            }
        }
        catch (JsonException)
        {
            // It is no envelope.
        }

        return body;
    }

    static byte[] Rewritten(byte[] body, bool isEnvelope, EnvelopeChanges changes)
    {
        if (!isEnvelope)
            return changes.Message ?? body;

        try
        {
            var cuts = new List<(int From, int To, byte[] Instead)>();
            return Find(body, cuts, changes) || changes.Message is null ? Cut(body, cuts) : changes.Message;
        }
        catch (JsonException)
        {
            // Whatever it is, it goes back as it came, unless there is something in its place.
            return changes.Message ?? body;
        }
    }

    static bool IsEnvelope(string? contentType) => contentType?.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase) == true;

    static byte[] Utf8(byte[] body, string? contentType)
    {
        try
        {
            return BodyText.ToUtf8IfText(body, contentType);
        }
        catch (SerializationException)
        {
            // The charset is not known, as the dead letter says.
            return body;
        }
    }

    /// <summary>Finds what is to be cut.</summary>
    /// <returns>Whether there is a message within.</returns>
    static bool Find(byte[] body, List<(int From, int To, byte[] Instead)> cuts, EnvelopeChanges changes)
    {
        var hasMessage = false;
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            var from = (int)reader.TokenStartIndex;

            if (name == "headers" && reader.TokenType == JsonTokenType.StartObject)
            {
                if (Headers(ref reader, body, changes.Headers) is { } headers)
                    cuts.Add((from, (int)reader.BytesConsumed, headers));
                continue;
            }

            reader.Skip();
            var to = (int)reader.BytesConsumed;
            if (name == "expirationTime" && !body.AsSpan(from, to - from).SequenceEqual("null"u8))
                cuts.Add((from, to, "null"u8.ToArray()));
            if (name == "messageId" && changes.MessageId is { } id)
                cuts.Add((from, to, JsonSerializer.SerializeToUtf8Bytes(id)));
            if (name == "message" && changes.Message is { } message)
                cuts.Add((from, to, message));
            hasMessage |= name == "message";
        }

        return hasMessage;
    }

    /// <summary>The headers that stay, written as they were, and the new ones; none where there is no difference.</summary>
    static byte[]? Headers(ref Utf8JsonReader reader, byte[] body, IReadOnlyDictionary<string, object?> changes)
    {
        using var kept = new MemoryStream();
        kept.WriteByte((byte)'{');
        var isChanged = false;

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var from = (int)reader.TokenStartIndex;
            var name = reader.GetString()!;
            reader.Read();
            reader.Skip();

            if (DeadLetterHeaders.IsOfFailure(name) || changes.ContainsKey(name))
            {
                isChanged = true;
                continue;
            }

            Separate(kept);
            kept.Write(body.AsSpan(from, (int)reader.BytesConsumed - from));
        }

        foreach (var (name, value) in changes.Where(change => change.Value is not null))
        {
            isChanged = true;
            Separate(kept);
            kept.Write(JsonSerializer.SerializeToUtf8Bytes(name));
            kept.WriteByte((byte)':');
            kept.Write(JsonSerializer.SerializeToUtf8Bytes(value));
        }

        kept.WriteByte((byte)'}');
        return isChanged ? kept.ToArray() : null;
    }

    static void Separate(MemoryStream kept)
    {
        if (kept.Length > 1)
            kept.WriteByte((byte)',');
    }

    static byte[] Cut(byte[] body, List<(int From, int To, byte[] Instead)> cuts)
    {
        if (cuts.Count == 0)
            return body;

        using var result = new MemoryStream(body.Length);
        var position = 0;
        foreach (var (from, to, instead) in cuts)
        {
            result.Write(body, position, from - position);
            result.Write(instead);
            position = to;
        }

        result.Write(body, position, body.Length - position);
        return result.ToArray();
    }
}

/// <summary>What is to be different about a message that is sent again.</summary>
/// <param name="Headers">Headers with new values, or none to take them off.</param>
/// <param name="MessageId">A new id for the message.</param>
/// <param name="Message">Something else in the message's place.</param>
sealed record EnvelopeChanges(IReadOnlyDictionary<string, object?> Headers, Guid? MessageId = null, byte[]? Message = null)
{
    public static EnvelopeChanges None { get; } = new(new Dictionary<string, object?>());
}
