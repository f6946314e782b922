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
                    problem = $"'{text[i..(end + 1)]}' holds no path. Use one such as {{trigger.order.number}}, or double the braces to mean themselves.";
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
    /// <exception cref="UnresolvableInputException">A path leads nowhere.</exception>
    public string Fill(JsonNode data, Func<string, string> encode)
    {
        var text = new StringBuilder();

        foreach (var (plain, path) in _parts)
        {
            text.Append(plain);
            if (path is not null)
                text.Append(encode(TextOf(path.TryFind(data, out var value) ? value : throw UnresolvableInputException.NoValue(path))));
        }

        return text.ToString();
    }

    /// <summary>A value as people read it: a string without quotes, nothing for null, JSON for anything else.</summary>
    public static string TextOf(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value?.ToJsonString() ?? "";
}
