using System.Collections;
using System.Reflection;
using Microsoft.AspNetCore.Builder;

namespace MaestroBus.Host.Tests;

/// <summary>The names of all settings of all modules of the host, misspelt.</summary>
public sealed class SettingNameTests
{
    [Fact]
    public void Every_name_that_is_misspelt_at_any_level_is_refused_with_the_right_one()
    {
        var names = Sections().SelectMany(section => Names($"Bus:{section.Key}", section.Value)).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(
            new HashSet<string>
            {
                "Bus:Http:MaxHeaders", "Bus:Access:FailedAttempts:PerMinute", "Bus:Database:Outbox:Lease", "Bus:Scheduling:Run",
                    "Bus:JobService:StopTimeout",
                "Bus:Alerts:Webhook:Tls:ServerName", "Bus:Idempotency:Lease", "Bus:Integration:Addresses", "Bus:Sqlite:MaxSize",
            },
            names);

        var refused = Assert.Throws<BusConfigurationException>(() => Build(
            "sqlite", names.Select(name => KeyValuePair.Create<string, string?>($"{name}x", "x")))).Message;

        Assert.All(names, name => Assert.Contains($"  - {name}x is not a setting. Did you mean {Last(name)}", refused,
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_section_that_is_misspelt_is_refused_with_the_right_one()
    {
        var sections = Sections().Keys.Append("Queues").Append("Journeys").Append("RabbitMq").ToList();

        var refused = Assert.Throws<BusConfigurationException>(() => Build(
            "sqlite", sections.Select(section => KeyValuePair.Create<string, string?>($"Bus:{section}x:Name", "x")))).Message;

        Assert.All(sections, section => Assert.Contains($"  - Bus:{section}x is not a setting. Did you mean {section}", refused,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Of_what_is_installed_and_not_chosen_the_names_are_checked_and_not_the_values()
    {
        var refused = Assert.Throws<BusConfigurationException>(() => Build("sqlite",
        [
            new("Bus:RabbitMq:Port", "no port at all"), new("Bus:RabbitMq:Prot", "5672"), new("Bus:RabbitMq:Tls:Enabeld", "true"),
            new("Bus:Redis:Url", "nothing"), new("Bus:Redis:Ulr", "x"),
        ])).Message;

        Assert.StartsWith("The bus cannot start: 3 settings are wrong.", refused, StringComparison.Ordinal);
        Assert.Contains("Bus:RabbitMq:Prot is not a setting. Did you mean Port? ", refused, StringComparison.Ordinal);
        Assert.Contains("Bus:RabbitMq:Tls:Enabeld is not a setting. Did you mean Enabled? ", refused, StringComparison.Ordinal);
        Assert.Contains("Bus:Redis:Ulr is not a setting. Did you mean Url? ", refused, StringComparison.Ordinal);
    }

    static IReadOnlyDictionary<string, object> Sections() =>
        Build("sqlite", []).Select(service => service.ImplementationInstance).OfType<SettingsCatalog>().Single().Sections;

    static IServiceCollection Build(string transport, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection([new("Bus:Transport", transport), .. settings]);
        builder.AddBus(typeof(Program).Assembly);
        return builder.Services;
    }

    // A section whose parts have names of their own knows each part's settings.
    static IEnumerable<string> Names(string path, object settings) => settings is IDictionary parts
        ? parts.Keys.Cast<string>().SelectMany(part => Names($"{path}:{part}", parts[part]!))
        : settings.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite)
            .SelectMany(property =>
            property.GetValue(settings) is { } group && IsGroup(property.PropertyType)
                ? Names($"{path}:{property.Name}", group).Append($"{path}:{property.Name}")
                : [$"{path}:{property.Name}"]);

    static bool IsGroup(Type type) => type is { IsClass: true } && type != typeof(string) && type != typeof(Uri)
        && !type.IsAssignableTo(typeof(IEnumerable));

    static string Last(string name) => name[(name.LastIndexOf(':') + 1)..];
}
