using System.Collections;
using System.Reflection;

namespace Maestro.Bus.Host.Tests;

/// <summary>The names of all settings of all modules of the host, misspelt.</summary>
public sealed class SettingNameTests
{
    [Fact]
    public void Every_name_that_is_misspelt_at_any_level_is_refused_with_the_right_one()
    {
        var names = Sections().SelectMany(section => NamesOf($"Bus:{section.Key}", section.Value)).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(
            new HashSet<string>
            {
                "Bus:Http:MaxHeaders", "Bus:Access:FailedAttempts:PerMinute", "Bus:Database:Outbox:Lease", "Bus:Scheduling:Run",
                "Bus:JobService:StopTimeout", "Bus:Alerts:Webhook:Tls:ServerName", "Bus:Idempotency:Lease", "Bus:Integration:Addresses",
                "Bus:Integration:Addresses:any:BaseAddress", "Bus:Ingress:Providers:any:Secret", "Bus:Sqlite:MaxSize",
            },
            names);
        Assert.Equal(
            Sections().ContainsKey("Kafka"),
            names.IsSupersetOf(["Bus:Kafka:ClientId", "Bus:Kafka:Producer:Linger", "Bus:Kafka:Tls:Enabled"]));

        var refused = Refused(names);

        Assert.All(names, name => Assert.Contains($"  - {name}x is not a setting. Did you mean {Last(name)}", refused,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Every_misspelt_name_of_a_transport_that_is_not_chosen_is_refused_with_the_right_one()
    {
        var names = typeof(Program).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Where(part => part.Key == "BusTransport")
            .SelectMany(part => Assembly.Load(part.Value!).GetTypes())
            .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(BusTransport)) && type.GetConstructor([]) is not null)
            .Select(type => (BusTransport)Activator.CreateInstance(type)!)
            .Where(transport => transport is { Section: not null, SettingsType: not null } && transport.Name != "sqlite")
            .SelectMany(transport => NamesOf($"Bus:{transport.Section}", transport.SettingsType!)).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(new HashSet<string> { "Bus:RabbitMq:DeliveryLimit", "Bus:RabbitMq:Tls:CertificateAuthority" }, names);

        var refused = Refused(names);

        Assert.StartsWith($"The bus cannot start: {names.Count} settings are wrong.", refused, StringComparison.Ordinal);
        Assert.All(names, name => Assert.Contains($"  - {name}x is not a setting. Did you mean {Last(name)}", refused,
            StringComparison.Ordinal));
    }

    [Fact]
    public void The_section_of_a_rider_that_names_no_broker_is_checked_as_a_whole()
    {
        Assert.SkipUnless(Sections().ContainsKey("Kafka"), "This host has no rider for Kafka.");

        var refused = Assert.Throws<BusConfigurationException>(() => Build("sqlite",
        [
            new("Bus:Kafka:Bootstrapservres", "localhost:9092"), new("Bus:Kafka:Consumer:SesionTimeout", "10s"),
            new("Bus:Kafka:Tls:Enabeld", "true"),
        ])).Message;

        Assert.Contains("Bus:Kafka:Bootstrapservres is not a setting. Did you mean BootstrapServers? ", refused, StringComparison.Ordinal);
        Assert.Contains("Bus:Kafka:Consumer:SesionTimeout is not a setting. Did you mean SessionTimeout? ", refused,
            StringComparison.Ordinal);
        Assert.Contains("Bus:Kafka:Tls:Enabeld is not a setting. Did you mean Enabled? ", refused, StringComparison.Ordinal);
        Assert.Contains("Name at least one broker", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_section_that_is_misspelt_is_refused_with_the_right_one()
    {
        var sections = Sections().Keys.Append("Queues").Append("Journeys").Append("RabbitMq").Distinct().ToList();

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
        Build("sqlite", [new("Bus:Kafka:BootstrapServers", "localhost:9092")])
            .Select(service => service.ImplementationInstance).OfType<SettingsCatalog>().Single().Sections;

    static IServiceCollection Build(string transport, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = ValidatedHost.CreateWebEmptyBuilder();
        builder.Configuration.AddInMemoryCollection([new("Bus:Transport", transport), .. settings]);
        builder.AddBus(typeof(Program).Assembly);
        return builder.Services;
    }

    static string Refused(IEnumerable<string> names) => Assert.Throws<BusConfigurationException>(() => Build(
        "sqlite", names.Select(name => KeyValuePair.Create<string, string?>($"{name}x", "x")))).Message;

    // A section whose parts have names of their own knows each part's settings.
    static IEnumerable<string> NamesOf(string path, object settings) => settings is IDictionary parts
        ? parts.Keys.Cast<string>().SelectMany(part => NamesOf($"{path}:{part}", parts[part]!))
        : NamesOf(path, settings.GetType());

    static IEnumerable<string> NamesOf(string path, Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).SelectMany(property =>
        {
            var (name, held) = ($"{path}:{property.Name}", property.PropertyType);
            return ItemOf(held, typeof(IDictionary<,>)) is { } entry && IsGroup(entry) ? NamesOf($"{name}:any", entry).Append(name)
                : ItemOf(held, typeof(IList<>)) is { } item && IsGroup(item) ? NamesOf($"{name}:0", item).Append(name)
                : IsGroup(held) ? NamesOf(name, held).Append(name)
                : [name];
        });

    static Type? ItemOf(Type type, Type definition) =>
        type.GetInterfaces().Append(type).FirstOrDefault(known => known.IsGenericType && known.GetGenericTypeDefinition() == definition)?
            .GenericTypeArguments[^1];

    static bool IsGroup(Type type) => type is { IsClass: true } && type != typeof(string) && type != typeof(Uri)
        && !type.IsAssignableTo(typeof(IEnumerable));

    static string Last(string name) => name[(name.LastIndexOf(':') + 1)..];
}
