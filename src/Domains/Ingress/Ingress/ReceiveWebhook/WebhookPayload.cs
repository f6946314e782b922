using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace MaestroBus.Ingress;

/// <summary>Reads a body as the JSON object that goes into the bus, and refuses what the bus could not write again.</summary>
static class WebhookPayload
{
    // A message's envelope and what consumers wrap around the payload must stay within the serializer's 64 levels.
    internal const int MaxDepth = 32;

    static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>Parses the body into an element that owns its memory.</summary>
    /// <returns>What is wrong with the body; nothing where it is sound.</returns>
    public static string? Parse(ReadOnlySpan<byte> body, out JsonElement payload)
    {
        payload = default;

        if (!Utf8.IsValid(body))
            return "The body is not UTF-8. Send JSON in UTF-8.";

        try
        {
            if (FindProblem(body) is { } problem)
                return problem;

            var reader = new Utf8JsonReader(body, Options);
            payload = JsonElement.ParseValue(ref reader);
            return null;
        }
        catch (JsonException exception)
        {
            return $"The body is not JSON of at most {MaxDepth} levels: see line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}. " +
                "Send a JSON object.";
        }
    }

    static string? FindProblem(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Options);

        while (reader.Read())
        {
            if (reader.CurrentDepth == 0 && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.EndObject))
                return "The body is JSON, but not an object. Send a JSON object.";

            if (reader.ValueIsEscaped && !IsText(ref reader))
                return $"The body has half a surrogate pair in a text at byte {reader.TokenStartIndex + 1}. Send whole characters.";
        }

        return null;
    }

    // Half a surrogate pair is allowed in JSON but stands for no character, and no serializer can write it.
    static bool IsText(ref Utf8JsonReader reader)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);

        try
        {
            reader.CopyString(buffer);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
