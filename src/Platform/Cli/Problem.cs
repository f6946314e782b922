namespace Maestro.Bus.Cli;

/// <summary>Reads what an API says has gone wrong (RFC 9457).</summary>
static class Problem
{
    /// <summary>The problem in a sentence or two; none where the text is no problem.</summary>
    public static string? Sentence(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Object || Text(document.RootElement, "title") is not { } title)
                return null;

            var errors = document.RootElement.TryGetProperty("errors", out var found) && found.ValueKind == JsonValueKind.Object
                ? found.EnumerateObject().SelectMany(error =>
                    error.Value.EnumerateArray().Select(sentence => $"{Environment.NewLine}  {error.Name}: {sentence.GetString()}"))
                : [];
            return string.Join(' ', new[] { title, Text(document.RootElement, "detail") }.OfType<string>()) + string.Concat(errors);
        }
        catch (JsonException)
        {
            // Something else than the bus has answered, such as a proxy.
            return null;
        }
    }

    static string? Text(JsonElement problem, string name) =>
        problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
