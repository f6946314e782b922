using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Admin;

/// <summary>Shows dead letters as the contracts have them.</summary>
static class DeadLetterViews
{
    /// <summary>How much of a body is shown, in bytes.</summary>
    public const int LongestBody = 256 * 1024;

    const int HexWidth = 16;
    const int LongestHex = 16 * 1024;

    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    static readonly JsonSerializerOptions Compact = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static DeadLetterView Of(StoredDeadLetter letter) => new()
    {
        Id = letter.Id,
        Queue = letter.Queue,
        MessageId = letter.MessageId,
        MessageType = letter.MessageType,
        Reason = letter.Reason,
        ExceptionType = letter.ExceptionType,
        ExceptionMessage = letter.ExceptionMessage,
        Place = letter.Place,
        Fingerprint = letter.Fingerprint,
        Attempts = letter.Attempts,
        FirstFailedAt = letter.FirstFailedAt,
        FailedAt = letter.FailedAt,
        Tenant = letter.Tenant,
        Size = letter.Size,
        State = $"{letter.State}".ToLowerInvariant(),
        ChangedAt = letter.ChangedAt,
        ChangedBy = letter.ChangedBy,
        Note = letter.Note,
    };

    public static DeadLetterDetails Of(DeadLetterContent content)
    {
        var (format, body, isWhole) = Show(content.Body);
        return new DeadLetterDetails(Of(content.Letter), content.Detail, content.ContentType, Headers(content), format, body, isWhole);
    }

    /// <summary>The headers, and what the broker keeps beside them.</summary>
    public static Dictionary<string, string> Headers(DeadLetterContent content)
    {
        var shown = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var properties = content.Properties.Where(property => property.Value is not IList);
        foreach (var (name, value) in content.Headers.Where(header => header.Key != DeadLetterHeaders.Detail).Concat(properties))
            shown.TryAdd(name, Text(value));

        return shown;
    }

    public static OperationView Of(DeadLetterOperation operation) => new(
        operation.Id, $"{operation.Kind}".ToLowerInvariant(), operation.Target, operation.State, operation.Total, operation.Done,
        operation.CreatedAt, operation.CreatedBy,
        operation.UpdatedAt, operation.Error);

    public static DeadLetterGroupView Of(DeadLetterGroup group) => new(
        group.Fingerprint, group.Count, group.Queue, group.Queues, group.MessageType, group.Reason, group.ExceptionType,
        group.ExceptionMessage, group.Place, group.FirstFailedAt,
        group.LastFailedAt, group.NewestId);

    static (string Format, string Body, bool IsWhole) Show(byte[] body)
    {
        if (body.Length <= LongestBody && Json(body) is { } json)
            return ("json", json, true);

        return Readable(body) is { } text
            ? ("text", text, body.Length <= LongestBody)
            : ("hex", Hex(body.AsSpan(0, Math.Min(body.Length, LongestHex))), body.Length <= LongestHex);
    }

    static string? Json(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return JsonSerializer.Serialize(document.RootElement, Indented);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // It is text, or less than that.
            return null;
        }
    }

    static string? Readable(byte[] body)
    {
        // A character that the limit cuts through is no reason to show hex.
        for (var length = Math.Min(body.Length, LongestBody); length >= 0 && length > Math.Min(body.Length, LongestBody) - 4; length--)
        {
            try
            {
                var text = Strict.GetString(body, 0, length);
                return text.Any(character => char.IsControl(character) && !char.IsWhiteSpace(character)) ? null : text;
            }
            catch (DecoderFallbackException)
            {
                if (body.Length <= LongestBody)
                    return null;
            }
        }

        return null;
    }

    static string Hex(ReadOnlySpan<byte> bytes)
    {
        var lines = new StringBuilder();
        for (var offset = 0; offset < bytes.Length; offset += HexWidth)
        {
            var line = bytes.Slice(offset, Math.Min(HexWidth, bytes.Length - offset));
            var hex = string.Join(' ', line.ToArray().Select(value => value.ToString("x2", CultureInfo.InvariantCulture)));
            var text = string.Concat(line.ToArray().Select(value => value is >= 0x20 and < 0x7f ? (char)value : '.'));
            lines.Append(CultureInfo.InvariantCulture, $"{offset:x8}  {hex.PadRight(HexWidth * 3)} {text}").AppendLine();
        }

        return lines.ToString();
    }

    // A header's text is shown as it is, within a list or table in quotation marks.
    static string Text(object? value) => value switch
    {
        null => "null",
        string text => text,
        _ when Plain(value) is string text => text,
        _ => JsonSerializer.Serialize(Plain(value), Compact),
    };

    static object? Plain(object? value) => value switch
    {
        null or string or bool or JsonElement => value,
        byte[] bytes => Convert.ToBase64String(bytes),
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IDictionary table => table.Keys.Cast<object>().ToDictionary(key => $"{key}", key => Plain(table[key])),
        IList list => list.Cast<object?>().Select(Plain).ToList(),
        float or double or WireTimestamp or WireBytes => Convert.ToString(value, CultureInfo.InvariantCulture),
        _ when value.GetType().IsPrimitive || value is decimal => value,
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
