namespace MaestroBus.Messaging;

/// <summary>What a domain or transport registers its services and settings with.</summary>
public sealed class BusBuilder(IServiceCollection services, IConfiguration configuration)
{
    readonly Dictionary<string, object> _settings = new(StringComparer.OrdinalIgnoreCase);
    readonly List<Action<IBusRegistrationConfigurator>> _configurations = [];
    readonly List<Action<IServiceCollection>> _completions = [];

    /// <summary>The host's services.</summary>
    public IServiceCollection Services => services;

    /// <summary>What is wrong with the settings, so far; a start lists all of it.</summary>
    public SettingsProblems Problems { get; } = new();

    /// <summary>The domain whose services are being added; none while a transport adds its own.</summary>
    public BusDomain? Domain { get; private set; }

    internal IEnumerable<string> Sections => _settings.Keys;

    /// <summary>Has a domain add its services and settings.</summary>
    public void AddDomain(BusDomain domain)
    {
        Domain = domain;
        domain.AddServices(this);
        Domain = null;
    }

    /// <summary>
    /// Reads the settings of the section <c>Bus:{section}</c> over their defaults, checks them against their validation attributes, and registers them
    /// as a singleton. What is wrong is collected, and stops the start. A section is read once, however many ask for it.
    /// </summary>
    public T AddSettings<T>(string section)
        where T : class, new()
    {
        if (_settings.GetValueOrDefault(section) is T known)
            return known;

        var settings = new T();
        SettingsBinder.Bind(configuration.GetSection($"Bus:{section}"), settings, Problems);
        _settings[section] = settings;
        services.AddSingleton(settings);
        return settings;
    }

    /// <summary>Adds to how the bus is configured: endpoint callbacks, sagas with a repository of their own, and whatever else MassTransit's registration knows.</summary>
    public void ConfigureBus(Action<IBusRegistrationConfigurator> configure) => _configurations.Add(configure);

    /// <summary>Adds to what is done once the bus and its transport are registered, such as wrapping a service of theirs. The same method is run once.</summary>
    public void Complete(Action<IServiceCollection> complete)
    {
        if (!_completions.Contains(complete))
            _completions.Add(complete);
    }

    /// <summary>Runs what <see cref="Complete(Action{IServiceCollection})"/> has collected.</summary>
    public void Complete()
    {
        foreach (var complete in _completions)
            complete(services);
    }

    /// <summary>Runs what <see cref="ConfigureBus"/> has collected, in its order.</summary>
    public void ApplyTo(IBusRegistrationConfigurator bus)
    {
        foreach (var configure in _configurations)
            configure(bus);
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
