using System.Text;
using System.Text.Json.Nodes;

namespace MaestroBus.Orchestration;

/// <summary>Puts a step's input together: its own, with the bindings laid over it in their order.</summary>
static class StepInput
{
    /// <exception cref="UnresolvableInputException">
    /// A binding's path leads nowhere, its place cannot hold a value, or the input becomes larger or deeper than
    /// <paramref name="settings"/> allow.
    /// </exception>
    public static JsonObject Resolve(FlowSpecification specification, FlowStep step, JsonNode data, OrchestrationSettings settings)
    {
        var room = new InputRoom(settings.MaxInputSize);
        var input = step.Input is { } own ? JsonObject.Create(own)! : [];
        room.Take(input.ToJsonString());

        foreach (var binding in specification.Bindings ?? [])
        {
            if (FlowPath.TryParse(binding.To) is not { } target || target.Root != step.Id)
                continue;

            if (!TryPut(input, target.Rest, ValueOf(step, binding, target, data, room)))
                throw new UnresolvableInputException(
                    $"'{binding.To}' lies inside a value that has no members. Bind the value around it as an object.");
        }

        // Values that are sound can be put into one another until no parser reads the whole any more.
        if (JsonDoor.FindProblem(Encoding.UTF8.GetBytes(input.ToJsonString()), settings.MaxDepth) is { } problem)
            throw new UnresolvableInputException($"The input is wrong at {problem}");

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

    static JsonNode? ValueOf(FlowStep step, FlowBinding binding, FlowPath target, JsonNode data, InputRoom room)
    {
        if (binding.From is { } from)
        {
            var path = FlowPath.TryParse(from)!;
            if (!path.TryFind(data, out var value))
                throw UnresolvableInputException.NoValue(path);

            room.Take(value?.ToJsonString() ?? "");
            return value?.DeepClone();
        }

        // A value in a path must not become another path or another parameter.
        var isPath = step.Adapter == FlowAdapter.Http && target.Rest is ["path"];
        return FlowText.TryParse(binding.Text!, out _)!.Fill(data, isPath ? Uri.EscapeDataString : text => text, room);
    }
}
