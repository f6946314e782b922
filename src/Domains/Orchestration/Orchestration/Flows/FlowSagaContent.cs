using System.Text.Json;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>Reads and changes what a flow's state keeps as JSON.</summary>
static class FlowSagaContent
{
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

    public static void KeepResult(this FlowSaga flow, string step, JsonObject result)
    {
        var results = JsonNode.Parse(flow.Results)!;
        results[step] = result;
        flow.Results = results.ToJsonString();
    }

    /// <summary>Adds to the history. A redelivered message notes the same thing again, and replaces what it noted before.</summary>
    public static void Note(this FlowSaga flow, string? step, string what, DateTimeOffset time, string? detail = null) =>
        flow.History = [.. flow.History.Where(entry => entry.Step != step || entry.Event != what), new FlowHistoryEntry(step, what, time, detail)];
}
