using System.Text.Json;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>Makes an adapter's command of a step's input.</summary>
static class StepCommand
{
    /// <exception cref="UnresolvableInputException">The input does not have what the adapter needs.</exception>
    public static CallApi CallApi(FlowSaga flow, FlowStep step, JsonObject input)
    {
        JsonElement? body = input["body"] is { } json ? JsonSerializer.SerializeToElement(json) : null;

        return new CallApi(
            flow.CorrelationId,
            step.Id,
            flow.TenantId,
            Required(input, "address"),
            Text(input, "method") ?? (body is null ? "GET" : "POST"),
            Text(input, "path") ?? "",
            Headers(input),
            body);
    }

    /// <exception cref="UnresolvableInputException">The input does not have what the adapter needs.</exception>
    public static SendNotification SendNotification(FlowSaga flow, FlowStep step, JsonObject input) =>
        new(
            DeterministicId.Of($"{flow.CorrelationId}/{step.Id}"),
            flow.TenantId,
            step.Adapter,
            Required(input, "to"),
            Text(input, "subject"),
            Required(input, "text"),
            flow.CorrelationId,
            step.Id);

    static Dictionary<string, string>? Headers(JsonObject input) => input["headers"] switch
    {
        null => null,
        JsonObject headers => headers.Where(header => header.Value is not null)
            .ToDictionary(header => header.Key, header => Text(headers, header.Key)!),
        _ => throw new UnresolvableInputException("The input 'headers' is no object. Bind an object of texts to it."),
    };

    static string Required(JsonObject input, string name) =>
        Text(input, name) is { Length: > 0 } text
            ? text
            : throw new UnresolvableInputException($"The input '{name}' is empty. Bind a text to it.");

    static string? Text(JsonObject input, string name) => input[name] switch
    {
        null => null,
        JsonValue value => FlowText.TextOf(value),
        _ => throw new UnresolvableInputException($"The input '{name}' is no text. Bind a single value to it."),
    };
}
