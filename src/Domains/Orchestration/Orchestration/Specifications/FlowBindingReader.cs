using System.Text.Json;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>Reads a specification's bindings, and checks that each step ends up with the input its adapter needs.</summary>
sealed class FlowBindingReader(
    FlowProblems problems, OrchestrationSettings settings, List<(FlowStep Step, string Path)> steps, JsonElement? context)
{
    static readonly string[] Roots = ["trigger", "context", "tenant", "steps"];

    readonly JsonShape _shape = new(problems);
    readonly Dictionary<string, JsonObject> _inputs = [];
    readonly HashSet<string> _targets = new(StringComparer.Ordinal);

    // Made once: each path into a large context would otherwise read it from the beginning.
    readonly JsonObject _constants = new()
    {
        ["context"] = context is { ValueKind: JsonValueKind.Object } constants ? JsonObject.Create(constants) : new JsonObject(),
    };

    public List<FlowBinding> Read(JsonElement json, string path)
    {
        foreach (var (step, _) in steps)
            _inputs.TryAdd(step.Id, step.Input is { } input ? JsonObject.Create(input)! : []);

        var bindings = new List<FlowBinding>();
        var items = _shape.Items(json, path, "bindings").ToList();

        if (items.Count > settings.MaxBindings)
        {
            problems.Add(
                $"{path}.bindings",
                $"There are {items.Count} bindings. Use at most {settings.MaxBindings}, or raise Bus:Orchestration:MaxBindings.");
            return bindings;
        }

        foreach (var (item, itemPath) in items)
        {
            if (_shape.IsObject(item, itemPath, "to", "from", "text") && ReadBinding(item, itemPath) is { } binding)
                bindings.Add(binding);
        }

        foreach (var (step, stepPath) in steps)
            CheckInput(step, stepPath);

        return bindings;
    }

    FlowBinding? ReadBinding(JsonElement json, string path)
    {
        var from = Short(_shape.OptionalText(json, path, "from"), $"{path}.from");
        var text = Short(_shape.OptionalText(json, path, "text"), $"{path}.text");

        if ((JsonShape.Member(json, "from") is null) == (JsonShape.Member(json, "text") is null))
            problems.Add(path, "A binding takes its value from one place. Use either from or text.");

        if (!_shape.TryText(json, path, "to", out var to) || Short(to, $"{path}.to") is null)
            return null;

        if (ReadTarget(to, $"{path}.to", from is not null) is not { } target)
            return null;

        if (from is not null)
            CheckPath(FlowPath.TryParse(from), from, $"{path}.from", target);

        if (text is not null)
        {
            if (FlowText.TryParse(text, out var problem) is { } parsed)
                CheckPaths([.. parsed.Paths], $"{path}.text", target);
            else
                problems.Add($"{path}.text", problem);
        }

        return new FlowBinding(to, from, text);
    }

    string? Short(string? text, string path)
    {
        if (text is null || text.Length <= settings.MaxTextLength)
            return text;

        problems.Add(
            path,
            $"The text has {text.Length} characters. Use at most {settings.MaxTextLength}, or raise Bus:Orchestration:MaxTextLength.");
        return null;
    }

    void CheckPaths(IReadOnlyList<FlowPath> paths, string place, FlowPath target)
    {
        if (paths.Count > settings.MaxTextPaths)
            problems.Add(
                place,
                $"The text has {paths.Count} paths in braces. Use at most {settings.MaxTextPaths}, " +
                "or raise Bus:Orchestration:MaxTextPaths.");
        else
        {
            foreach (var path in paths)
                CheckPath(path, path.ToString(), place, target);
        }
    }

    FlowPath? ReadTarget(string to, string path, bool mayBeObject)
    {
        if (FlowPath.TryParse(to) is not { Rest.Count: > 0 } target)
        {
            problems.Add(path, $"'{to}' names no input. Use the step and the input's path, such as notify.text.");
            return null;
        }

        if (target.Rest.Count > settings.MaxDepth)
        {
            problems.Add(
                path,
                $"The path has {target.Rest.Count} levels. Use at most {settings.MaxDepth}, or raise Bus:Orchestration:MaxDepth.");
            return null;
        }

        if (!_inputs.TryGetValue(target.Root, out var input))
        {
            problems.Add(path, $"'{target.Root}' is not a step. Use {JsonShape.Or(steps.Select(step => step.Step.Id))}.");
            return null;
        }

        if (!_targets.Add(to))
            problems.Add(path, $"'{to}' is bound already. Bind it once.");
        else if (!StepInput.TryPut(input, target.Rest, mayBeObject ? new JsonObject() : ""))
            problems.Add(path, $"'{to}' lies inside a value that has no members. Bind the value around it, or make that an object.");

        return target;
    }

    void CheckPath(FlowPath? path, string text, string place, FlowPath target)
    {
        if (path is null)
            problems.Add(place, $"'{text}' is not a path. Use one such as trigger.order.lines.0.sku.");
        else if (!Roots.Contains(path.Root))
            problems.Add(place, $"'{text}' begins with '{path.Root}'. Begin with {JsonShape.Or(Roots)}.");
        else if (path is { Root: "tenant", Rest.Count: > 0 })
            problems.Add(place, $"'{text}' goes on after the tenant's id. Use tenant alone.");
        else if (path.Root == "context" && !HasConstant(path))
            problems.Add(place, $"The context has no '{string.Join('.', path.Rest)}'. Add it to the context, or correct the path.");
        else if (path.Root == "steps")
            CheckStep(path, text, place, target.Root);
    }

    void CheckStep(FlowPath path, string text, string place, string reader)
    {
        var source = path.Rest.Count == 0 ? -1 : steps.FindIndex(step => step.Step.Id == path.Rest[0]);

        if (source < 0)
            problems.Add(place, $"'{text}' names no step. Use {JsonShape.Or(steps.Select(step => $"steps.{step.Step.Id}"))}.");
        else if (source >= steps.FindIndex(step => step.Step.Id == reader))
            problems.Add(
                place, $"'{path.Rest[0]}' does not run before '{reader}'. Read the result of an earlier step, or change their order.");
    }

    bool HasConstant(FlowPath path) => path.TryFind(_constants, out _);

    void CheckInput(FlowStep step, string path)
    {
        if (FlowAdapter.Find(step.Adapter) is not { } adapter)
            return;

        foreach (var (name, _) in _inputs[step.Id].Where(input => !adapter.Inputs.Contains(input.Key)))
            problems.Add($"{path}.input.{name}", $"'{name}' is not an input of {adapter.Name}. Use {JsonShape.Or(adapter.Inputs)}.");

        foreach (var name in adapter.Required.Where(name => !_inputs[step.Id].ContainsKey(name)))
            problems.Add($"{path}.input.{name}", $"'{name}' is missing. Add it to the input, or bind it to {step.Id}.{name}.");

        foreach (var input in step.Input?.EnumerateObject() ?? default)
        {
            if (adapter.Inputs.Contains(input.Name) && !_targets.Contains($"{step.Id}.{input.Name}")
                && FlowAdapter.ProblemOf(input.Name, input.Value) is { } problem)
                problems.Add($"{path}.input.{input.Name}", problem);
        }
    }
}
