using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Checks JSON that comes from outside before anything reads it: what passes here can be read and written by every parser, serializer and
/// database
/// behind it.
/// </summary>
public static class JsonDoor
{
    /// <summary>
    /// The number of levels that a document may have unless its reader says otherwise. Envelopes, faults and results that wrap it stay
    /// within the 64
    /// levels of System.Text.Json and thereby of MassTransit 8.5.
    /// </summary>
    public const int DefaultDepth = 32;

    /// <summary>
    /// Finds the first thing that is wrong with a document: it is not JSON in UTF-8, has more levels than allowed, repeats a member's
    /// name within an
    /// object, or holds a NUL or half a surrogate pair. A byte order mark before it is skipped.
    /// </summary>
    /// <param name="json">The document.</param>
    /// <param name="maxDepth">The number of levels of objects and arrays that it may have, from 1 to 63.</param>
    /// <returns>The problem, or null if the document is sound.</returns>
    public static JsonProblem? FindProblem(ReadOnlySpan<byte> json, int maxDepth = DefaultDepth)
    {
        json = WithoutByteOrderMark(json);

        if (!Utf8.IsValid(json))
            return new JsonProblem("$", "The document is not UTF-8. Send JSON in UTF-8.");

        var place = new JsonPlace();

        try
        {
            // One level more than allowed, so that the level too many is told of with its path.
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth + 1 });

            while (reader.Read())
            {
                if (Follow(ref reader, place, maxDepth) is { } problem)
                    return new JsonProblem($"{place}", problem);
            }

            return null;
        }
        catch (JsonException exception)
        {
            return new JsonProblem($"{place}", string.Create(
                CultureInfo.InvariantCulture,
                $"This is not JSON: see line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}. Send one "
                    + $"JSON document."));
        }
    }

    /// <summary>Checks a document as <see cref="FindProblem"/> does, and reads it into an element that owns its memory.</summary>
    /// <param name="json">The document.</param>
    /// <param name="value">The document as an element; undefined if it has a problem.</param>
    /// <param name="maxDepth">The number of levels of objects and arrays that it may have, from 1 to 63.</param>
    /// <returns>The problem, or null if the document is sound.</returns>
    public static JsonProblem? Parse(ReadOnlySpan<byte> json, out JsonElement value, int maxDepth = DefaultDepth)
    {
        value = default;

        if (FindProblem(json, maxDepth) is { } problem)
            return problem;

        var reader = new Utf8JsonReader(WithoutByteOrderMark(json), new JsonReaderOptions { MaxDepth = maxDepth });
        value = JsonElement.ParseValue(ref reader);
        return null;
    }

    static ReadOnlySpan<byte> WithoutByteOrderMark(ReadOnlySpan<byte> json) =>
        json.StartsWith("\uFEFF"u8) ? json["\uFEFF"u8.Length..] : json;

    static string? Follow(ref Utf8JsonReader reader, JsonPlace place, int maxDepth)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                place.Enter(reader.TokenType == JsonTokenType.StartArray);
                return reader.CurrentDepth < maxDepth
                    ? null
                    : string.Create(
                        CultureInfo.InvariantCulture, $"The document has more than {maxDepth} levels. Send one that is less deep.");

            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                place.Leave();
                return null;

            case JsonTokenType.PropertyName:
                // A name with half a surrogate pair cannot even be read.
                if (ProblemOfText(reader) is { } unreadable)
                    return $"In a name of its members: {unreadable}";

                return place.Name(reader.GetString()!) ? null : "There are two members of this name. Send one of them.";

            default:
                place.Count();
                return reader.TokenType == JsonTokenType.String ? ProblemOfText(reader) : null;
        }
    }

    static string? ProblemOfText(in Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return null;

        var text = reader.ValueSpan;

        for (var escape = text.IndexOf((byte)'\\'); escape >= 0; escape = text.IndexOf((byte)'\\'))
        {
            if (text[escape + 1] != 'u')
            {
                text = text[(escape + 2)..];
                continue;
            }

            var unit = Unit(text[escape..]);
            text = text[(escape + 6)..];

            if (unit == 0)
                return "A text holds a NUL (\\u0000), which databases cannot store. Send the text without it.";

            if (!char.IsSurrogate(unit))
                continue;

            if (!char.IsHighSurrogate(unit) || !text.StartsWith("\\u"u8) || !char.IsLowSurrogate(Unit(text)))
                return "A text holds half a surrogate pair, which stands for no character. Send whole characters.";

            text = text[6..];
        }

        return null;
    }

    // The reader has checked that four hexadecimal digits follow the backslash and the u.
    static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
