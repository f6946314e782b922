using System.Text.Json;

namespace MaestroBus.Ingress;

/// <summary>Reads a body as the JSON object that goes into the bus, and refuses what the bus could not write again.</summary>
static class WebhookPayload
{
    /// <summary>Parses the body into an element that owns its memory.</summary>
    /// <returns>What is wrong with the body and where, or null if it is sound.</returns>
    public static string? Parse(ReadOnlySpan<byte> body, int maxDepth, out JsonElement payload)
    {
        if (JsonDoor.Parse(body, out payload, maxDepth) is { } problem)
            return $"The body is wrong at {problem}";

        return payload.ValueKind == JsonValueKind.Object ? null : "The body is JSON, but not an object. Send a JSON object.";
    }
}
