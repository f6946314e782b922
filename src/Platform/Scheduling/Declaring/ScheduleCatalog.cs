using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using MassTransit.Serialization;

namespace Maestro.Bus.Scheduling;

/// <summary>The schedules that the domains and the configuration of this host declare.</summary>
sealed partial class ScheduleCatalog
{
    public const string Section = "Schedules";

    ScheduleCatalog(IReadOnlyList<Declaration> declarations, IDictionary<string, IList<string>> calendars) =>
        (Declarations, Calendars) = (declarations, calendars);

    /// <summary>The catalogue of a host in which nothing is declared.</summary>
    public static ScheduleCatalog Empty { get; } = new([], new Dictionary<string, IList<string>>());

    public IReadOnlyList<Declaration> Declarations { get; }

    public IDictionary<string, IList<string>> Calendars { get; }

    /// <summary>Collects what is declared, lays the configuration over it, and notes what is wrong.</summary>
    public static ScheduleCatalog Of(BusBuilder bus, DomainCatalog domains, SchedulingSettings settings)
    {
        var declarations = SchedulingExtensions.DeclarationsOf(bus).ToList();

        foreach (var domain in domains.Domains)
            declarations.AddRange(domain.GetType().Assembly.GetTypes()
                .Where(type => type is { IsAbstract: false, IsGenericTypeDefinition: false } && type.IsAssignableTo(typeof(BusSchedule)))
                .Select(type => ((BusSchedule)Activator.CreateInstance(type)!).Declare(domain.Name)));

        foreach (var name in declarations.GroupBy(declaration => declaration.Name, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Count() > 1).Select(group => group.Key))
            bus.Problems.Add(
                $"The schedule '{name}' is declared {declarations.Count(declaration =>
                    declaration.Name.Equals(name, StringComparison.OrdinalIgnoreCase))} times, by "
                    + $"{string.Join(" and ",
                        declarations.Where(declaration => declaration.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                            .Select(declaration => declaration.Origin))}. Give each a name of its own.");

        var known = declarations.DistinctBy(declaration => declaration.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(declaration => declaration.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var name in bus.NamesIn(Section).Where(name => !known.ContainsKey(name)))
            known[name] = new Declaration { Name = name, Origin = "the configuration" };

        bus.AddSettings(
            Section, "schedule", known.ToDictionary(pair => pair.Key, pair => pair.Value.Settings, StringComparer.OrdinalIgnoreCase));

        var enabled = known.Values.Where(declaration => declaration.Settings.Enabled)
            .OrderBy(declaration => declaration.Name, StringComparer.Ordinal).ToList();
        foreach (var declaration in enabled)
            Check(declaration, domains, settings, bus.Problems);

        return new ScheduleCatalog(enabled, settings.Calendars);
    }

    static void Check(Declaration declaration, DomainCatalog domains, SchedulingSettings scheduling, SettingsProblems problems)
    {
        var settings = declaration.Settings;
        var path = $"Bus:{Section}:{declaration.Name}";

        if (!Name().IsMatch(declaration.Name))
            problems.Add(
                $"The schedule '{declaration.Name}' of {declaration.Origin} has a name that is none. Use 1 to 100 lower-case letters, "
                    + "digits, dots and dashes, beginning with a letter or digit.");

        if (settings.Cron is null == settings.Interval is null)
            problems.Add(
                $"{path} has {(settings.Cron is null ? "neither Cron nor Interval" : "both Cron and Interval")}. Set one of them.");

        foreach (var entry in settings.Except.Where(entry => !scheduling.Calendars.ContainsKey(entry) && Exclusion.Parse(entry) is null))
            problems.Add($"{path}:Except", entry, $"Use {Exclusion.Forms}, or the name of a calendar in Bus:Scheduling:Calendars.");

        if (declaration.MessageType is null)
            declaration.MessageType = MessageType(path, settings.Message, domains, problems);
        else if (settings.Message is not null)
            problems.Add($"{path}:Message", settings.Message,
                $"{declaration.Origin} says what this schedule sends. Leave it out, or declare a schedule of another name.");

        if (declaration.MessageType is not null && (declaration.Message is null || settings.Payload is not null))
            declaration.Message = Message(path, declaration.MessageType, settings.Payload, problems);
    }

    static Type? MessageType(string path, string? name, DomainCatalog domains, SettingsProblems problems)
    {
        var types = domains.Assemblies
            .SelectMany(assembly =>
                assembly.GetReferencedAssemblies().Where(reference => reference.Name!.EndsWith(".Contracts", StringComparison.Ordinal))
                    .Select(Assembly.Load).Prepend(assembly))
            .Distinct()
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type.IsClass || type.IsInterface)
            .ToList();

        if (types.Find(type => type.FullName == name) is { } found)
            return found;

        problems.Add($"{path}:Message", name,
            "No domain declares this schedule, so name the message's type with its namespace, as a domain's contracts have it, such as "
                + "Acme.Billing.Contracts.CaptureInvoice.");
        return null;
    }

    static object? Message(string path, Type type, string? payload, SettingsProblems problems)
    {
        try
        {
            return JsonSerializer.Deserialize(payload ?? "{}", type, SystemTextJsonMessageSerializer.Options);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
        {
            problems.Add($"{path}:Payload", payload, $"It must be a {type.Name} as JSON: {exception.Message}");
            return null;
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{0,99}\\z")]
    private static partial Regex Name();
}
