using System.Text.Json;

namespace MaestroBus.Orchestration;

/// <summary>What a step can call, and the input it takes.</summary>
sealed class FlowAdapter
{
    public const string Http = "http";

    static readonly string[] Methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

    static readonly FlowAdapter[] All =
    [
        new(Http, ["address"], ["method", "path", "headers", "body"]),
        new("email", ["to", "text"], ["subject"]),
        new("sms", ["to", "text"], ["subject"]),
        new("internal", ["to", "text"], ["subject"]),
    ];

    FlowAdapter(string name, string[] required, string[] optional) =>
        (Name, Required, Inputs) = (name, required, [.. required, .. optional]);

    public string Name { get; }

    public IReadOnlyList<string> Required { get; }

    public IReadOnlyList<string> Inputs { get; }

    public static IEnumerable<string> Names => All.Select(adapter => adapter.Name);

    public static FlowAdapter? Find(string name) => Array.Find(All, adapter => adapter.Name == name);

    /// <summary>What is wrong with an input that the specification itself holds; none if nothing is.</summary>
    public static string? ProblemOf(string input, JsonElement value) => (input, value.ValueKind) switch
    {
        ("body", _) => null,
        ("headers", JsonValueKind.Object) => value.EnumerateObject().Any(header => header.Value.ValueKind != JsonValueKind.String)
            ? "A header is no text. Use an object of texts."
            : null,
        ("headers", _) => "The headers are no object. Use an object of texts.",
        ("method", JsonValueKind.String) when !Methods.Contains(value.GetString(), StringComparer.OrdinalIgnoreCase) =>
            $"'{value.GetString()}' is not a method. Use {string.Join(", ", Methods)}.",
        (_, JsonValueKind.String) => null,
        _ => $"The input '{input}' is no text. Use a text.",
    };
}
