using System.Text.Json.Nodes;

namespace Maestro.Bus.Scheduling;

/// <summary>Describes the schedules that the domains and the configuration of this host declare.</summary>
sealed class DescribedSchedules(ScheduleCatalog catalog) : IDescribedPart
{
    public string Section => "schedules";

    public JsonNode Describe() => new JsonArray([.. catalog.Declarations.Select(Describe)]);

    static JsonObject Describe(Declaration declaration)
    {
        var settings = declaration.Settings;
        var schedule = new JsonObject { ["schedule"] = declaration.Name, ["declaredBy"] = declaration.Origin };
        var described = (JsonObject)DescriptionJson.Of(settings);

        // The message is its type here, and may be large.
        foreach (var name in new[] { "enabled", "message", "payload" })
            described.Remove(name);
        foreach (var (name, value) in described)
            schedule[name] = value?.DeepClone();
        if (declaration.MessageType is { } message)
            schedule["message"] = TypeCache.GetShortName(message);
        return schedule;
    }
}
