using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>A text with paths in braces. Doubled braces stand for themselves.</summary>
sealed class FlowText
{
    readonly List<(string Text, FlowPath? Path)> _parts = [];

    public IEnumerable<FlowPath> Paths => _parts.Select(part => part.Path).OfType<FlowPath>();

    /// <returns>None, and the reason, for a text whose braces or paths are wrong.</returns>
    public static FlowText? TryParse(string text, out string problem)
    {
        var parsed = new FlowText();
        var plain = new StringBuilder();
        problem = "";

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not ('{' or '}'))
            {
                plain.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == text[i])
            {
                plain.Append(text[i++]);
            }
            else
            {
                var end = text[i] == '{' ? text.IndexOf('}', i) : -1;
                if (end < 0)
                {
                    problem = $"The brace at position {i} has no counterpart. Close it, or double it to mean the brace itself.";
                    return null;
                }

                if (FlowPath.TryParse(text[(i + 1)..end]) is not { } path)
                {
                    problem = $"'{text[i..(end + 1)]}' holds no path. Use one such as {{trigger.order.number}}, or double the braces to "
                        + "mean themselves.";
                    return null;
                }

                parsed._parts.Add((plain.ToString(), path));
                plain.Clear();
                i = end;
            }
        }

        parsed._parts.Add((plain.ToString(), null));
        return parsed;
    }

    /// <summary>Fills the places in.</summary>
    /// <param name="data">The flow's data.</param>
    /// <param name="encode">Is applied to each value.</param>
    /// <param name="room">What the text may take, which is counted while it is filled in.</param>
    /// <exception cref="UnresolvableInputException">A path leads nowhere, or the text becomes too large.</exception>
    public string Fill(JsonNode data, Func<string, string> encode, InputRoom room)
    {
        var text = new StringBuilder();

        foreach (var (plain, path) in _parts)
        {
            text.Append(room.Take(plain));
            if (path is null)
                continue;

            var value = TextOf(path.TryFind(data, out var found) ? found : throw UnresolvableInputException.NoValue(path));
            // A value that does not fit is not encoded: that makes it up to nine times as long.
            room.Check(value);
            text.Append(room.Take(encode(value)));
        }

        return text.ToString();
    }

    /// <summary>A value as people read it: a string without quotes, nothing for null, JSON for anything else.</summary>
    public static string TextOf(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value?.ToJsonString() ?? "";
}
