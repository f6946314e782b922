using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Maestro.Bus.Messaging;

/// <summary>
/// The answer to an outgoing HTTP call, read to its end or to the largest size allowed. Its headers are not kept, so that no cookie or
/// challenge is stored, and the secrets
/// of the call are masked in all that it gives out.
/// </summary>
public sealed class HttpAnswer
{
    const int ExcerptLength = 300;

    readonly byte[] _content;
    readonly MediaTypeHeaderValue? _contentType;
    readonly SecretMask _mask;
    readonly string? _damage;

    HttpAnswer(HttpResponseMessage response, byte[] content, bool isTooLong, string? damage, TimeSpan? retryAfter, SecretMask mask)
    {
        (_content, _contentType, _damage, _mask) = (content, response.Content.Headers.ContentType, damage, mask);
        (Status, IsTooLong, RetryAfter) = (response.StatusCode, isTooLong, retryAfter);
        Location = response.Headers.Location is { } location ? mask.Apply(StorableText.OnOneLine(Place(location), ExcerptLength)) : null;
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>Whether the answer is longer than allowed; what is beyond is not read.</summary>
    public bool IsTooLong { get; }

    /// <summary>
    /// How long the server wants to be left alone, from <c>Retry-After</c> in seconds or as a date; null if it does not say.
    /// </summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Where a redirect points to, without query and credentials; null if the answer does not say.</summary>
    public string? Location { get; }

    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>Whether the status is 3xx.</summary>
    public bool IsRedirect => (int)Status is >= 300 and < 400;

    /// <summary>Whether the same request may well succeed later.</summary>
    public bool IsTransient => (int)Status is 408 or 425 or 429 or >= 500;

    /// <summary>Reads an answer.</summary>
    /// <param name="response">The response, of which at least the headers have been read.</param>
    /// <param name="maxSize">The number of bytes to read at most, after decompression.</param>
    /// <param name="mask">Masks the secrets of the call.</param>
    /// <param name="time">The clock that dates of <c>Retry-After</c> are compared with.</param>
    /// <param name="cancellationToken">Gives up reading.</param>
    /// <exception cref="IOException">The connection has been lost.</exception>
    /// <exception cref="HttpRequestException">The connection has been lost.</exception>
    public static async Task<HttpAnswer> Read(
        HttpResponseMessage response, int maxSize, SecretMask mask, TimeProvider time, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        string? damage = null;

        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[16 * 1024];

            while (content.Length <= maxSize && await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                content.Write(buffer, 0, read);
        }
        catch (InvalidDataException exception)
        {
            // The server has answered, and would answer the same again.
            damage = $"It cannot be decompressed: {exception.Message}";
        }

        if (response.Content.Headers.ContentEncoding.FirstOrDefault() is { } encoding)
            damage ??= $"It is encoded with '{StorableText.OnOneLine(encoding, ExcerptLength)}'. Use gzip, deflate, br or no encoding.";

        var asked = response.Headers.RetryAfter;
        var retryAfter = asked?.Delta ?? (asked?.Date - time.GetUtcNow());
        var isTooLong = content.Length > maxSize;
        if (isTooLong)
            content.SetLength(maxSize);

        return new HttpAnswer(
            response, content.ToArray(), isTooLong, damage, retryAfter > TimeSpan.Zero ? retryAfter : null, mask);
    }

    /// <summary>
    /// Reads the body: JSON as it is, any other text as a string, in the charset that the answer names. NUL and halves of surrogate pairs
    /// become U+FFFD: what an answer tells of has been done, and must be possible to record.
    /// </summary>
    /// <param name="problem">Why the body cannot be recorded: an unknown charset, repeated names within an object, or too many levels;
    /// null if it can.</param>
    /// <param name="maxDepth">The levels of objects and arrays that it may have, from 1 to 63.</param>
    /// <returns>The body, or null if it is empty or has a problem.</returns>
    public JsonElement? Body(out string? problem, int maxDepth = JsonDoor.DefaultDepth)
    {
        if ((problem = _damage) is not null || Text(out problem) is not { Length: > 0 } text)
            return null;

        if (_contentType?.MediaType is { } type
            && (type.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase)))
        {
            try
            {
                return Parse(Clean(text, maxDepth), maxDepth, out problem);
            }
            catch (JsonException)
            {
                // What calls itself JSON and is not JSON is still a text that the caller may want.
            }
        }

        return JsonSerializer.SerializeToElement(_mask.Apply(StorableText.Of(text)));
    }

    /// <summary>Gets the beginning of the body on one line without control characters, for people to read.</summary>
    public string Excerpt()
    {
        if (_damage is not null)
            return _damage;

        // Masked before it is cut: the first half of a secret is a secret, too.
        return StorableText.OnOneLine(_mask.Apply(Text(out _) ?? Encoding.UTF8.GetString(_content)), ExcerptLength);
    }

    static string Place(Uri location) => location.IsAbsoluteUri
        ? location.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        : location.OriginalString.Split('?', '#')[0];

    string? Text(out string? problem)
    {
        var text = BodyText.Read(_content, _contentType?.CharSet);
        problem = text is null ? BodyText.Unknown(_contentType!.CharSet!, "Have the server answer in UTF-8.") : null;
        return text;
    }

    static JsonElement? Parse(ReadOnlyMemory<byte>? json, int maxDepth, out string? problem)
    {
        if (json is null)
        {
            problem = $"It has more than {maxDepth} levels of objects and arrays.";
            return null;
        }

        var found = JsonDoor.Parse(json.Value.Span, out var value, maxDepth);
        problem = found?.ToString();
        return found is null ? value : null;
    }

    /// <exception cref="JsonException">The text is not JSON.</exception>
    ReadOnlyMemory<byte>? Clean(string text, int maxDepth)
    {
        // One level more than allowed, so that too many levels are told from what is not JSON.
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = maxDepth + 1 });
        var clean = new ArrayBufferWriter<byte>(_content.Length + 1);
        using var writer = new Utf8JsonWriter(
            clean, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= maxDepth:
                    return null;
                case JsonTokenType.StartObject:
                    writer.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    writer.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    writer.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    writer.WriteEndArray();
                    break;
                case JsonTokenType.PropertyName:
                    writer.WritePropertyName(Value(reader));
                    break;
                case JsonTokenType.String:
                    writer.WriteStringValue(Value(reader));
                    break;
                default:
                    WriteScalar(writer, reader);
                    break;
            }
        }

        writer.Flush();
        return clean.WrittenMemory;
    }

    void WriteScalar(Utf8JsonWriter writer, in Utf8JsonReader reader)
    {
        var scalar = Encoding.UTF8.GetString(reader.ValueSpan);
        var masked = _mask.Apply(scalar);

        if (masked == scalar)
            writer.WriteRawValue(scalar, skipInputValidation: true);
        else
            writer.WriteStringValue(masked);
    }

    string Value(in Utf8JsonReader reader)
    {
        var text = Encoding.UTF8.GetString(reader.ValueSpan);
        return _mask.Apply(StorableText.Of(reader.ValueIsEscaped ? Unescape(text) : text));
    }

    // The reader's own way throws where half a surrogate pair stands alone.
    static string Unescape(string escaped)
    {
        var text = new StringBuilder(escaped.Length);

        for (var position = 0; position < escaped.Length; position++)
        {
            if (escaped[position] != '\\')
            {
                text.Append(escaped[position]);
                continue;
            }

            position++;

            if (escaped[position] == 'u')
            {
                text.Append((char)Convert.ToUInt16(escaped.Substring(position + 1, 4), 16));
                position += 4;
                continue;
            }

            text.Append(escaped[position] switch
            {
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                var itself => itself,
            });
        }

        return text.ToString();
    }
}
