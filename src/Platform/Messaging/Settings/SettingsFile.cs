using System.Text;
using System.Text.Json;

namespace Maestro.Bus.Messaging;

/// <summary>A file of settings that the framework's configuration refuses.</summary>
static class SettingsFile
{
    // The bounds of Microsoft.Extensions.Configuration.Json 10.0, so that what it accepts is not called wrong.
    static readonly JsonReaderOptions Accepted = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>
    /// Says which file is refused, what is wrong in which line, and what to do. Tells nothing of the file's text but the names of
    /// settings: secrets stand beside them, and the framework's own messages may quote what they refuse. Returns null for an exception
    /// that is not the framework's refusal of a file.
    /// </summary>
    public static string? Problem(Exception exception)
    {
        if (exception is not InvalidDataException { InnerException: { } reason } || Quoted(exception.Message) is not { } path)
            return null;

        var problem = reason is IOException or UnauthorizedAccessException ? $"{path} cannot be read. {reason.Message}"
            : IsJson(path, reason) && Read(path) is { } json && Wrong(path, json) is { } wrong ? wrong
            : $"{path} is not in the format in which the host reads it. Correct the file, or leave it out.";
        return $"The bus cannot start: {problem}";
    }

    // The framework 10.0 tells the path nowhere else.
    static string? Quoted(string message) =>
        message.IndexOf('\'', StringComparison.Ordinal) is >= 0 and var begin && message.LastIndexOf('\'') is var end && end > begin
            && message[(begin + 1)..end] is var path && Path.IsPathFullyQualified(path) ? path : null;

    static bool IsJson(string path, Exception reason) =>
        reason.InnerException is JsonException || Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase);

    static byte[]? Read(string path)
    {
        try
        {
            return Encoding.UTF8.GetBytes(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has been there a moment ago.
            return null;
        }
    }

    static string? Wrong(string path, byte[] json)
    {
        try
        {
            var (isComplete, twice) = Walk(json);
            var text = json.AsSpan().Trim(" \t\r\n"u8);
            return text.IsEmpty ? $"{path} is empty. Write {{}} into it, or leave it out."
                : !isComplete
                    ? $"{path} is not complete JSON: it ends in line {Line(json, json.Length)} before every bracket and quotation mark " +
                        "is closed. Add what is missing."
                : twice is var (name, first, second)
                    ? $"{path} has the setting {name} twice, in line {Line(json, first)} and again in line {Line(json, second)}. " +
                        "Keep one of them."
                : text[0] != '{' ? $"{path} does not hold a JSON object. Put the settings between {{ and }}."
                : null;
        }
        catch (JsonException exception)
        {
            var (line, at) = (exception.LineNumber + 1, exception.BytePositionInLine + 1);
            return $"{path} is not valid JSON in line {line}, at byte {at} of the line. " +
                "Look there, and just before, for a comma, colon, quotation mark or bracket that is missing or too much.";
        }
        catch (InvalidOperationException)
        {
            // A name has half of a surrogate pair as an escape.
            return null;
        }
    }

    static int Line(ReadOnlySpan<byte> json, long position) => json[..(int)position].Count((byte)'\n') + 1;

    /// <summary>
    /// Reads the names of the settings as the framework does, until one is found twice, with the positions of both values.
    /// </summary>
    static (bool IsComplete, (string Name, long First, long Second)? Twice) Walk(ReadOnlySpan<byte> json)
    {
        // A reader that may get more reports an end that comes too early as such, and not as an error.
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(Accepted));
        var found = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
        var open = new Stack<Group>();
        var (property, previous) = ("", JsonTokenType.None);

        for (; reader.Read(); previous = reader.TokenType)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    property = reader.GetString()!;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    // An empty group is a setting without a value.
                    if (open.Pop() is var ended && previous is JsonTokenType.StartObject or JsonTokenType.StartArray)
                        found.TryAdd(ended.Name, reader.TokenStartIndex);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    var name = open.TryPeek(out var around) ? around.Of(property) : "";
                    open.Push(new Group(name, reader.TokenType == JsonTokenType.StartArray));
                    break;
                default:
                    if (open.TryPeek(out var group) && group.Of(property) is var setting && !found.TryAdd(setting, reader.TokenStartIndex))
                        return (true, (setting, found[setting], reader.TokenStartIndex));
                    break;
            }
        }

        return (previous != JsonTokenType.None && open.Count == 0, null);
    }

    // The settings within brackets, whose names begin alike; those of an array are numbered.
    sealed class Group(string name, bool isArray)
    {
        int _next;

        public string Name => name;

        public string Of(string property)
        {
            var last = isArray ? $"{_next++}" : property;
            return name.Length == 0 ? last : $"{name}:{last}";
        }
    }
}
