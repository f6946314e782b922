using System.Text.Json.Nodes;

namespace Maestro.Bus.Scheduling;

/// <summary>Describes the schedules that the domains and the configuration of this host declare.</summary>
sealed class DescribedSchedules(ScheduleCatalog catalog) : IDescribedPart
{
    public string Section => "schedules";

    public JsonNode Describe() => new JsonArray([.. catalog.Declarations.Select(Describe)]);

    static JsonObject Describe(Declaration declaration)
    {
        var schedule = (JsonObject)DescriptionJson.Of(declaration.Settings);
        schedule.Insert(0, "schedule", declaration.Name);
        schedule.Insert(1, "declaredBy", declaration.Origin);

        // The message is shown by its type: it may be large.
        foreach (var name in new[] { "enabled", "message", "payload" })
            schedule.Remove(name);
        if (declaration.MessageType is { } message)
            schedule["message"] = TypeCache.GetShortName(message);
        return schedule;
    }
}
