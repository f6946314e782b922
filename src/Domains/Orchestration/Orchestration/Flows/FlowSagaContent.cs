using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>Reads and changes what a flow's state keeps as JSON.</summary>
static class FlowSagaContent
{
    const int LongestDetail = 1000;

    public static FlowSpecification ReadSpecification(this FlowSaga flow) =>
        JsonSerializer.Deserialize<FlowSpecification>(flow.Specification, JsonSerializerOptions.Web)!;

    /// <summary>What bindings read: the roots <c>tenant</c>, <c>trigger</c>, <c>context</c> and <c>steps</c>.</summary>
    public static JsonObject ReadData(this FlowSaga flow, FlowSpecification specification) => new()
    {
        ["tenant"] = flow.TenantId,
        ["trigger"] = flow.Trigger is { } trigger ? JsonNode.Parse(trigger) : null,
        ["context"] = specification.Context is { } context ? JsonObject.Create(context) : null,
        ["steps"] = JsonNode.Parse(flow.Results),
    };

    /// <summary>The step after the current one; none after the last.</summary>
    public static FlowStep? NextStep(this FlowSaga flow) => flow.NextStep(flow.ReadSpecification());

    public static FlowStep? NextStep(this FlowSaga flow, FlowSpecification specification) =>
        flow.Step is null
            ? specification.Steps[0]
            : specification.Steps.SkipWhile(step => step.Id != flow.Step).Skip(1).FirstOrDefault();

    /// <exception cref="UnusableResultException">With the result the flow would become larger than allowed.</exception>
    public static void KeepResult(this FlowSaga flow, string step, JsonObject result, OrchestrationSettings settings)
    {
        var results = JsonNode.Parse(flow.Results)!;
        results[step] = result;
        var text = results.ToJsonString();

        if (flow.SizeWith(text) > settings.MaxStateSize)
            throw new UnusableResultException($"The result of '{step}' is too large. {Larger(settings)}");

        flow.Results = text;
    }

    /// <exception cref="UnresolvableInputException">The flow is larger than allowed from the beginning.</exception>
    public static void CheckSize(this FlowSaga flow, OrchestrationSettings settings)
    {
        if (flow.SizeWith(flow.Results) > settings.MaxStateSize)
            throw new UnresolvableInputException($"The specification and the trigger are too large. {Larger(settings)}");
    }

    /// <summary>Whether the flow has ever run: one whose start has ended in the dead letters has not.</summary>
    public static bool HasBegun(this FlowSaga flow) => flow.History.Exists(entry => entry.Event == FlowEvents.FlowStarted);

    /// <summary>
    /// Whether the flow has failed because a message of a step has ended in the dead letters or was lost, and no answer has come since.
    /// </summary>
    public static bool IsUnanswered(this FlowSaga flow, string? step) =>
        flow.Step == step
        && flow.History.FindLast(entry =>
                entry.Step == step && entry.Event is FlowEvents.StepDeadLettered or FlowEvents.StepSilent or FlowEvents.StepRetried)
            is { Event: FlowEvents.StepDeadLettered or FlowEvents.StepSilent };

    /// <summary>Adds to the history. A redelivered message notes the same thing again, and replaces what it noted before.</summary>
    public static void Note(this FlowSaga flow, string? step, string what, DateTimeOffset time, string? detail = null) =>
        flow.History =
        [
            .. flow.History.Where(entry => entry.Step != step || entry.Event != what),
            new FlowHistoryEntry(step, what, time, detail is null ? null : StorableText.Cut(detail, LongestDetail)),
        ];

    static long SizeWith(this FlowSaga flow, string results) =>
        (long)flow.Specification.Length + (flow.Trigger?.Length ?? 0) + results.Length;

    static string Larger(OrchestrationSettings settings) => string.Create(
        CultureInfo.InvariantCulture,
        $"A flow may keep {settings.MaxStateSize} characters. Ask APIs for less, or raise Bus:Orchestration:MaxStateSize.");
}
