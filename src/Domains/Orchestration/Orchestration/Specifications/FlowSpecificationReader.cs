using System.Text.Json;
using System.Text.RegularExpressions;

namespace MaestroBus.Orchestration;

/// <summary>
/// Reads flow specifications and notes everything that is wrong with them: files, requests and messages go through the same rules.
/// </summary>
sealed partial class FlowSpecificationReader(FlowProblems problems, OrchestrationSettings settings)
{
    const string IdRule = "Use 1 to 64 letters, digits, dashes and underscores, beginning with a letter or digit, such as invoice-paid.";

    readonly JsonShape _shape = new(problems);

    /// <param name="json">The document.</param>
    /// <param name="path">Where it lies within what is being read, as a JSON path.</param>
    /// <returns>None if anything is wrong.</returns>
    public FlowSpecification? Read(JsonElement json, string path)
    {
        var before = problems.All.Count;

        if (!_shape.IsObject(json, path, "id", "tenant", "trigger", "context", "steps", "bindings"))
            return null;

        ReadId(json, path, out var id);
        var tenant = ReadTenant(json, path);
        var trigger = ReadTrigger(json, path);
        var context = ReadContext(json, path);
        var steps = ReadSteps(json, path);
        var bindings = new FlowBindingReader(problems, settings, steps, context).Read(json, path);

        return problems.All.Count == before
            ? new FlowSpecification(
                id!, [.. steps.Select(step => step.Step)], bindings.Count > 0 ? bindings : null, context, tenant, trigger)
            : null;
    }

    /// <exception cref="InvalidMessageException">The specification breaks a rule.</exception>
    public static void Check(FlowSpecification? specification, OrchestrationSettings settings)
    {
        var problems = new FlowProblems();

        var document = JsonSerializer.SerializeToUtf8Bytes(specification, JsonSerializerOptions.Web);
        if (JsonShape.Parse(document, settings.MaxDepth, problems) is { } json)
            new FlowSpecificationReader(problems, settings).Read(json, "$");

        if (problems.All.Count > 0)
            throw new InvalidMessageException(
                $"The specification '{specification?.Id}' cannot be run. " +
                string.Join(" ", problems.All.Select(problem => $"{problem.Path}: {problem.Message}")));
    }

    void ReadId(JsonElement json, string path, out string? id)
    {
        if (_shape.TryText(json, path, "id", out id) && !IdPattern().IsMatch(id))
            problems.Add($"{path}.id", $"'{id}' is not an id. {IdRule}");
    }

    string? ReadTenant(JsonElement json, string path)
    {
        var tenant = _shape.OptionalText(json, path, "tenant");

        if (tenant is not null && !TenantHeader.IsValid(tenant))
            problems.Add($"{path}.tenant", $"'{tenant}' is not a tenant's id. {TenantHeader.Rule}");

        return tenant;
    }

    FlowTrigger? ReadTrigger(JsonElement json, string path)
    {
        if (JsonShape.Member(json, "trigger") is not { } trigger || !_shape.IsObject(trigger, $"{path}.trigger", "provider", "eventType"))
            return null;

        var hasProvider = _shape.TryText(trigger, $"{path}.trigger", "provider", out var provider);
        return _shape.TryText(trigger, $"{path}.trigger", "eventType", out var eventType) && hasProvider
            ? new FlowTrigger(provider!, eventType)
            : null;
    }

    JsonElement? ReadContext(JsonElement json, string path)
    {
        var context = JsonShape.Member(json, "context");

        if (context is { ValueKind: not JsonValueKind.Object })
            problems.Add($"{path}.context", "The context is no object. Use an object whose members are the constants.");

        return context;
    }

    List<(FlowStep Step, string Path)> ReadSteps(JsonElement json, string path)
    {
        var steps = new List<(FlowStep Step, string Path)>();
        var items = _shape.Items(json, path, "steps").ToList();

        if (items.Count == 0 && JsonShape.Member(json, "steps") is null or { ValueKind: JsonValueKind.Array })
            problems.Add($"{path}.steps", "There are no steps. Add at least one.");

        if (items.Count > settings.MaxSteps)
        {
            problems.Add(
                $"{path}.steps",
                $"There are {items.Count} steps. Use at most {settings.MaxSteps}, and let one flow's last step start another.");
            return steps;
        }

        foreach (var (item, itemPath) in items)
        {
            if (!_shape.IsObject(item, itemPath, "id", "adapter", "input"))
                continue;

            ReadId(item, itemPath, out var id);
            if (id is not null && steps.Exists(step => step.Step.Id == id))
                problems.Add($"{itemPath}.id", $"'{id}' is the id of another step. Give each step an id of its own.");

            if (_shape.TryText(item, itemPath, "adapter", out var adapter) && FlowAdapter.Find(adapter) is null)
                problems.Add($"{itemPath}.adapter", $"'{adapter}' is not an adapter. Use {JsonShape.Or(FlowAdapter.Names)}.");

            var input = JsonShape.Member(item, "input");
            if (input is { ValueKind: not JsonValueKind.Object })
            {
                problems.Add($"{itemPath}.input", "The input is no object. Use an object whose members are the adapter's inputs.");
                input = null;
            }

            steps.Add((new FlowStep(id ?? "", adapter ?? "", input), itemPath));
        }

        return steps;
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}\z")]
    private static partial Regex IdPattern();
}
