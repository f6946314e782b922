using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit.Serialization;

namespace Maestro.Bus.Scheduling;

/// <summary>Writes the schedules that this host declares down as they are kept.</summary>
sealed class DeclaredSchedules(ScheduleCatalog catalog, DomainCatalog domains, IBus bus, IServiceProvider services)
{
    IReadOnlyList<OwnSchedules>? _all;

    /// <summary>
    /// What each owner declares, also those that declare nothing any more. A domain's schedules belong to the domain, wherever it runs; the
    /// others to the application, for what is configured there says nothing about other applications.
    /// </summary>
    public IReadOnlyList<OwnSchedules> All => _all ??= [.. domains.Domains.Select(domain => domain.Name).Append(Application).Select(Of)];

    string Application => $"application {services.GetService<IHostEnvironment>()?.ApplicationName ?? "bus"}";

    OwnSchedules Of(string owner) =>
        new(owner, [.. catalog.Declarations.Where(declaration => OwnerOf(declaration) == owner).Select(Define)]);

    string OwnerOf(Declaration declaration) =>
        domains.Domains.Any(domain => domain.Name == declaration.Origin) ? declaration.Origin : Application;

    ScheduleDefinition Define(Declaration declaration)
    {
        var (settings, type) = (declaration.Settings, declaration.MessageType!);
        return new ScheduleDefinition
        {
            Name = declaration.Name,
            Description = settings.Description,
            Cron = settings.Cron,
            Interval = settings.Interval,
            TimeZone = settings.TimeZone,
            DaylightSaving = settings.DaylightSaving,
            Except = [.. settings.Except.SelectMany(entry => catalog.Calendars.TryGetValue(entry, out var calendar) ? calendar : [entry])],
            Jitter = settings.Jitter,
            Start = settings.Start,
            End = settings.End,
            Misfire = settings.Misfire,
            Overlap = settings.Overlap,
            MessageType = type.Name,
            Message = Write(declaration.Message!, type, settings),
        };
    }

    // No more than the message itself: what an envelope says about its sender and time would differ at every start.
    StoredMessage Write(object message, Type type, ScheduleSettings settings)
    {
        var types = MessageTypeCache.GetMessageTypeNames(type);
        return new StoredMessage
        {
            Destination = settings.Queue is { } queue
                ? new Uri(ScheduleQueueCheck.IsAddress(queue) ? queue : $"{ScheduleQueueCheck.Scheme}{queue}")
                : bus.Topology.TryGetPublishAddress(type, out var address) ? address
                : throw new InvalidOperationException($"A message {type.Name} cannot be published. Give its schedule a Queue."),
            Body = new JsonObject
            {
                ["messageType"] = new JsonArray([.. types.Select(name => (JsonNode)name)]),
                ["message"] = JsonSerializer.SerializeToNode(message, type, SystemTextJsonMessageSerializer.Options),
            }.ToJsonString(),
            ContentType = SystemTextJsonMessageSerializer.JsonContentType.ToString(),
            Types = types,
            Headers = settings.Tenant is { } tenant
                ? new Dictionary<string, string> { [TenantHeader.Name] = tenant }
                : new Dictionary<string, string>(),
        };
    }
}
