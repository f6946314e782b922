using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Maestro.Bus.Messaging;

/// <summary>Writes a description as YAML, which reads as text.</summary>
static class DescriptionText
{
    // A list that is longer than a line has an item on each.
    const int Width = 100;

    /// <summary>Writes an object, one property a line.</summary>
    public static string Of(JsonObject description)
    {
        var text = new StringBuilder();
        Write(text, description, 0);
        return text.ToString();
    }

    static void Write(StringBuilder text, JsonObject value, int depth)
    {
        foreach (var (name, node) in value)
        {
            text.Append(' ', depth * 2).Append(Scalar(name)).Append(':');
            WriteNode(text, node, depth + 1);
        }
    }

    static void WriteNode(StringBuilder text, JsonNode? node, int depth)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } nested:
                text.Append('\n');
                Write(text, nested, depth);
                break;
            case JsonArray { Count: > 0 } items when IsShort(items):
                text.Append(" [").AppendJoin(", ", items.Select(Scalar)).Append("]\n");
                break;
            case JsonArray { Count: > 0 } items:
                text.Append('\n');
                foreach (var item in items)
                    WriteItem(text, item, depth);
                break;
            default:
                text.Append(' ').Append(Scalar(node)).Append('\n');
                break;
        }
    }

    static bool IsShort(JsonArray items) => items.All(item => item is JsonValue) && items.Sum(item => $"{item}".Length + 2) < Width;

    // An object's first property stands on the line of its dash.
    static void WriteItem(StringBuilder text, JsonNode? item, int depth)
    {
        var start = text.Length;
        if (item is JsonObject { Count: > 0 } nested)
            Write(text, nested, depth + 1);
        else
            text.Append(' ', (depth + 1) * 2).Append(Scalar(item)).Append('\n');
        text[start + (depth * 2)] = '-';
    }

    static string Scalar(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => Scalar(value.GetValue<string>()),
        _ => node.ToJsonString(),
    };

    // Text that YAML would read as something else stands in quotation marks.
    static string Scalar(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && !text.EndsWith(':')
            && text is not ("true" or "false" or "null" or "yes" or "no")
            && !double.TryParse(text, CultureInfo.InvariantCulture, out _) && !TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out _)
            && !text.AsSpan().ContainsAny("\n\r\t\"'#{}[],&*!|>%@`\\") && !text.Contains(": ", StringComparison.Ordinal)
                ? text
                : JsonSerializer.Serialize(text, DescriptionJson.Options);
}
