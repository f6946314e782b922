using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>Puts a step's input together: its own, with the bindings laid over it in their order.</summary>
static class StepInput
{
    /// <exception cref="UnresolvableInputException">A binding's path leads nowhere, or its place cannot hold a value.</exception>
    public static JsonObject Resolve(FlowSpecification specification, FlowStep step, JsonNode data)
    {
        var input = step.Input is { } own ? JsonObject.Create(own)! : [];

        foreach (var binding in specification.Bindings ?? [])
        {
            if (FlowPath.TryParse(binding.To) is not { } target || target.Root != step.Id)
                continue;

            if (!TryPut(input, target.Rest, ValueOf(step, binding, target, data)))
                throw new UnresolvableInputException($"'{binding.To}' lies inside a value that has no members. Bind the value around it as an object.");
        }

        return input;
    }

    /// <summary>Puts a value into an object, making the objects on the way.</summary>
    public static bool TryPut(JsonObject input, IReadOnlyList<string> path, JsonNode? value)
    {
        foreach (var segment in path.SkipLast(1))
        {
            if (!input.TryGetPropertyValue(segment, out var next) || next is null)
                input[segment] = next = new JsonObject();

            if (next is not JsonObject members)
                return false;

            input = members;
        }

        input[path[^1]] = value;
        return true;
    }

    static JsonNode? ValueOf(FlowStep step, FlowBinding binding, FlowPath target, JsonNode data)
    {
        if (binding.From is { } from)
        {
            var path = FlowPath.TryParse(from)!;
            return path.TryFind(data, out var value) ? value?.DeepClone() : throw UnresolvableInputException.NoValue(path);
        }

        // A value in a path must not become another path or another parameter.
        var isPath = step.Adapter == FlowAdapter.Http && target.Rest is ["path"];
        return FlowText.TryParse(binding.Text!, out _)!.Fill(data, isPath ? Uri.EscapeDataString : text => text);
    }
}
