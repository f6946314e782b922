using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MaestroBus.Orchestration;

/// <summary>Takes a JSON document apart and notes everything that has another shape than it should.</summary>
sealed class JsonShape(FlowProblems problems)
{
    /// <returns>The document, or null if it is not one that every parser can read.</returns>
    public static JsonElement? Parse(ReadOnlySpan<byte> json, int maxDepth, FlowProblems problems)
    {
        if (JsonDoor.Parse(json, out var document, maxDepth) is not { } problem)
            return document;

        problems.Add(problem.Path, problem.Message);
        return null;
    }

    /// <summary>Checks that a value is an object with none but the known members.</summary>
    public bool IsObject(JsonElement json, string path, params string[] members)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            problems.Add(path, $"This is {Kind(json)}. Use an object with {Or(members)}.");
            return false;
        }

        foreach (var name in json.EnumerateObject().Select(member => member.Name).Where(name => !members.Contains(name)))
            problems.Add($"{path}.{name}", $"'{name}' is not known here. Use {Or(members)}.");

        return true;
    }

    /// <summary>Reads a member that may be missing or null.</summary>
    public static JsonElement? Member(JsonElement json, string name) =>
        json.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>Reads a text that may be missing or null.</summary>
    public string? OptionalText(JsonElement json, string path, string name)
    {
        if (Member(json, name) is not { } member)
            return null;

        if (member.ValueKind == JsonValueKind.String)
            return member.GetString();

        problems.Add($"{path}.{name}", $"This is {Kind(member)}. Use a text.");
        return null;
    }

    /// <summary>Reads a text that must be there.</summary>
    public bool TryText(JsonElement json, string path, string name, [NotNullWhen(true)] out string? text)
    {
        text = OptionalText(json, path, name);

        if (Member(json, name) is null || text == "")
            problems.Add($"{path}.{name}", $"'{name}' is missing. Add it.");

        return !string.IsNullOrEmpty(text);
    }

    /// <summary>The items of an array with their paths; none where the member is missing.</summary>
    public IEnumerable<(JsonElement Json, string Path)> Items(JsonElement json, string path, string name)
    {
        if (Member(json, name) is not { } member)
            return [];

        if (member.ValueKind == JsonValueKind.Array)
            return member.EnumerateArray().Select((item, index) => (item, $"{path}.{name}[{index}]"));

        problems.Add($"{path}.{name}", $"This is {Kind(member)}. Use an array.");
        return [];
    }

    public static string Or(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.SkipLast(1))} or {all[^1]}";
    }

    static string Kind(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "nothing",
    };
}
