using System.Text.Json;

namespace MaestroBus.Ingress;

/// <summary>A place where a webhook tells something of its event: a header, or a top-level field of the body.</summary>
sealed record EventPart(string Name, bool IsHeader)
{
    public static EventPart Header(string name) => new(name, IsHeader: true);

    public static EventPart Field(string name) => new(name, IsHeader: false);

    public string? Read(IHeaderDictionary headers, JsonElement payload)
    {
        if (IsHeader)
            return headers[Name] is [{ } value] ? value : null;

        return payload.TryGetProperty(Name, out var field)
            ? field.ValueKind switch
            {
                JsonValueKind.String => field.GetString(),
                JsonValueKind.Number => field.GetRawText(),
                _ => null,
            }
            : null;
    }

    public override string ToString() => IsHeader ? $"header {Name}" : $"field '{Name}'";
}
