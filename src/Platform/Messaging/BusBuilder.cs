namespace MaestroBus.Messaging;

/// <summary>What a domain or transport registers its services and settings with.</summary>
public sealed class BusBuilder(IServiceCollection services, IConfiguration configuration)
{
    readonly List<string> _sections = [];

    /// <summary>The host's services.</summary>
    public IServiceCollection Services => services;

    /// <summary>What is wrong with the settings, so far; a start lists all of it.</summary>
    public SettingsProblems Problems { get; } = new();

    internal IEnumerable<string> Sections => _sections;

    /// <summary>
    /// Reads the settings of the section <c>Bus:{section}</c> over their defaults, checks them against their validation attributes, and registers them
    /// as a singleton. What is wrong is collected, and stops the start.
    /// </summary>
    public T AddSettings<T>(string section)
        where T : class, new()
    {
        var settings = new T();
        SettingsBinder.Bind(configuration.GetSection($"Bus:{section}"), settings, Problems);
        _sections.Add(section);
        services.AddSingleton(settings);
        return settings;
    }

    internal BusSettings AddBusSettings(IEnumerable<string> otherSections)
    {
        var bus = configuration.GetSection("Bus");
        var others = otherSections.Append("Queues").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var own = new ConfigurationBuilder()
            .AddInMemoryCollection(bus.GetChildren().Where(child => !others.Contains(child.Key)).SelectMany(child => child.AsEnumerable()))
            .Build();

        var settings = new BusSettings();
        SettingsBinder.Bind(own.GetSection("Bus"), settings, Problems, others.Order(StringComparer.Ordinal));
        services.AddSingleton(settings).AddSingleton(settings.Journeys);
        return settings;
    }

    internal QueuePolicies AddQueuePolicies(DomainCatalog catalog, BusSettings settings)
    {
        var policies = new QueuePolicies(catalog, configuration.GetSection("Bus:Queues"), settings.Attempts, Problems);
        services.AddSingleton(policies);
        return policies;
    }
}
