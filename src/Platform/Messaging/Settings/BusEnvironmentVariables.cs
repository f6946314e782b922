using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Maestro.Bus.Messaging;

/// <summary>The environment variables that are honoured beside the framework's <c>Bus__…</c> form, which wins over them.</summary>
static class BusEnvironmentVariables
{
    static readonly (string Variable, string Setting)[] Names =
    [
        ("RABBITMQ_URL", "Bus:RabbitMq:Url"),
        ("KAFKA_BOOTSTRAP_SERVERS", "Bus:Kafka:BootstrapServers"),
        ("KAFKA_CLIENT_ID", "Bus:Kafka:ClientId"),
        ("KAFKA_GROUP_ID", "Bus:Kafka:GroupId"),
        ("REDIS_URL", "Bus:Redis:Url"),
        ("REDIS_DB", "Bus:Redis:Database"),
        ("NATS_URL", "Bus:Nats:Url"),
        ("MESSAGING_ENABLE_MONITORING", "Bus:Monitoring:Enabled"),
        ("MESSAGING_MAX_RETRY_ATTEMPTS", "Bus:Attempts"),
        ("MESSAGING_ENABLE_DLQ", "Bus:DeadLetters:Enabled"),
    ];

    /// <summary>The sections under <c>Bus</c> that a variable may fill although nothing in this build reads them.</summary>
    public static IEnumerable<string> Sections => Names.Select(name => name.Setting.Split(':')[1]);

    /// <summary>
    /// Checks the names in the sections that a variable may fill although nothing in this build reads them: there are those of the
    /// variables.
    /// </summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="read">The sections that something reads or checks.</param>
    /// <param name="problems">Takes the names that are not known.</param>
    public static void CheckOthers(IConfiguration configuration, IReadOnlyCollection<string> read, SettingsProblems problems)
    {
        var others = Names.Select(name => name.Setting.Split(':')).Where(parts => parts.Length == 3 && parts[1] != "DeadLetters")
            .GroupBy(parts => parts[1], parts => parts[2]).Where(section => !read.Contains(section.Key, StringComparer.OrdinalIgnoreCase));

        foreach (var section in others)
        {
            foreach (var child in configuration.GetSection($"Bus:{section.Key}").GetChildren())
            {
                if (!section.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                    problems.AddUnknown(null, child, $"Nothing in this host reads Bus:{section.Key}, which may hold", [.. section]);
            }
        }
    }

    /// <summary>Adds the variables below the framework's own environment variables and the command line.</summary>
    public static void AddTo(IConfigurationBuilder configuration)
    {
        var values = Names
            .Select(name => KeyValuePair.Create(name.Setting, Environment.GetEnvironmentVariable(name.Variable)))
            .Where(pair => !string.IsNullOrEmpty(pair.Value))
            .ToList();

        if (values.Count == 0)
            return;

        var source = new Microsoft.Extensions.Configuration.Memory.MemoryConfigurationSource { InitialData = values };
        var framework = configuration.Sources.OfType<EnvironmentVariablesConfigurationSource>()
            .LastOrDefault(candidate => string.IsNullOrEmpty(candidate.Prefix));

        if (framework is null)
            configuration.Sources.Add(source);
        else
            configuration.Sources.Insert(configuration.Sources.IndexOf(framework), source);
    }
}
