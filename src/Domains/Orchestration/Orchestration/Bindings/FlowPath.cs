using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>A place in a flow's data, such as <c>trigger.repository.full_name</c> or <c>steps.lookup.body.lines.0.sku</c>.</summary>
sealed class FlowPath
{
    readonly string[] _segments;

    FlowPath(string[] segments) => _segments = segments;

    public string Root => _segments[0];

    /// <summary>What follows the root.</summary>
    public IReadOnlyList<string> Rest => _segments[1..];

    public static FlowPath? TryParse(string text)
    {
        var segments = text.Split('.');
        return segments.Any(segment => segment.Length == 0 || segment.AsSpan().IndexOfAny("[]{} \t\r\n") >= 0)
            ? null
            : new FlowPath(segments);
    }

    /// <summary>Finds the value; a JSON null is a value, too.</summary>
    public bool TryFind(JsonNode data, out JsonNode? value)
    {
        value = data;

        foreach (var segment in _segments)
        {
            switch (value)
            {
                case JsonObject members when members.TryGetPropertyValue(segment, out var member):
                    value = member;
                    break;
                case JsonArray items when int.TryParse(segment, out var index) && index >= 0 && index < items.Count:
                    value = items[index];
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    public override string ToString() => string.Join('.', _segments);
}
