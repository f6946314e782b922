using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Messaging;

/// <summary>What a domain or transport registers its services and settings with.</summary>
public sealed class BusBuilder(IServiceCollection services, IConfiguration configuration, DomainCatalog? catalog = null)
{
    readonly Dictionary<string, object> _settings = new(StringComparer.OrdinalIgnoreCase);
    readonly List<Action<IBusRegistrationConfigurator>> _configurations = [];
    readonly List<Action<IServiceCollection>> _completions = [];
    readonly List<(BusDomain Domain, Action<IRegistrationContext, IReceiveEndpointConfigurator> Configure)> _endpoints = [];

    /// <summary>The host's services.</summary>
    public IServiceCollection Services => services;

    /// <summary>The names of what the engine has on a broker.</summary>
    public EngineNames Names { get; } = AddNames(services, configuration);

    /// <summary>The domains of the host.</summary>
    public DomainCatalog Catalog { get; } = catalog ?? new DomainCatalog([]);

    /// <summary>What is wrong with the settings, so far; a start lists all of it.</summary>
    public SettingsProblems Problems { get; } = new();

    /// <summary>The domain whose services are being added; none while a transport adds its own.</summary>
    public BusDomain? Domain { get; private set; }

    /// <summary>The topics that the domains have declared so far.</summary>
    public TopicDeclarations Declared { get; } = new();

    /// <summary>The host's environment and content root, or null if the services belong to no host.</summary>
    public IHostEnvironment? Environment =>
        services.LastOrDefault(service => service.ServiceType == typeof(IHostEnvironment))?.ImplementationInstance as IHostEnvironment;

    internal IEnumerable<string> Sections => _settings.Keys;

    /// <summary>The settings that have been read, by section.</summary>
    internal SettingsCatalog Settings => new(_settings);

    /// <summary>Has a domain add its services and settings.</summary>
    public void AddDomain(BusDomain domain)
    {
        Domain = domain;
        domain.AddServices(this);
        Domain = null;
    }

    /// <summary>
    /// Reads the settings of the section <c>Bus:{section}</c> over their defaults, checks them against their validation attributes, and
    /// registers them as a singleton. What is wrong is collected, and stops the start. A section is read once, however many ask for it.
    /// </summary>
    public T AddSettings<T>(string section)
        where T : class, new()
    {
        if (_settings.GetValueOrDefault(section) is T known)
            return known;

        var settings = new T();
        ReadSettings(section, settings);
        _settings[section] = settings;
        services.AddSingleton(settings);
        return settings;
    }

    /// <summary>
    /// Lays the settings of the section <c>Bus:{section}</c> over an object whose defaults code has changed, and checks them.
    /// </summary>
    public void ReadSettings(string section, object settings) =>
        SettingsBinder.Bind(configuration.GetSection($"Bus:{section}"), settings, Problems);

    /// <summary>
    /// Reads a group of settings of one kind, <c>Bus:{section}:{name}</c>, each over defaults of its own. A name in the configuration that
    /// is not among them is a problem.
    /// </summary>
    /// <param name="section">The group's section.</param>
    /// <param name="what">What the names stand for, such as "a job", for the message about one that is not known.</param>
    /// <param name="defaults">The defaults by name; what the configuration says is written into them.</param>
    public void AddSettings<T>(string section, string what, IReadOnlyDictionary<string, T> defaults)
        where T : class
    {
        var group = configuration.GetSection($"Bus:{section}");
        _settings[section] = defaults;

        foreach (var (name, settings) in defaults)
            SettingsBinder.Bind(group.GetSection(name), settings, Problems);

        foreach (var child in group.GetChildren().Where(child => !defaults.Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
            Problems.AddUnknown(
                null, child, $"It would have to be {what}: there {(defaults.Count == 0 ? "is" : "are")}",
                defaults.Count == 0 ? ["none at all"] : [.. defaults.Keys.Order(StringComparer.Ordinal)]);
    }

    /// <summary>
    /// Adds to how the bus is configured: endpoint callbacks, sagas with a repository of their own, and whatever else MassTransit's
    /// registration knows.
    /// </summary>
    public void ConfigureBus(Action<IBusRegistrationConfigurator> configure) => _configurations.Add(configure);

    /// <summary>Declares the topics of event streams that the domain writes to and reads from, for whichever rider is there.</summary>
    public void Topics(Action<ITopicConfigurator> declare) => declare(Declared.For(Domain));

    /// <summary>Adds to how a domain's endpoints are configured: that of its queue, and those of the topics that it reads.</summary>
    public void ConfigureEndpoints(BusDomain domain, Action<IRegistrationContext, IReceiveEndpointConfigurator> configure)
    {
        _endpoints.Add((domain, configure));
        ConfigureBus(bus => bus.AddConfigureEndpointsCallback((context, queue, endpoint) =>
        {
            if (queue == domain.Queue)
                configure(context, endpoint);
        }));
    }

    /// <summary>
    /// Adds to what is done once the bus and its transport are registered, such as wrapping a service of theirs. The same method is run
    /// once.
    /// </summary>
    /// <param name="complete">What is to be done.</param>
    /// <param name="isFirst">Whether it comes before all that others have added.</param>
    public void Complete(Action<IServiceCollection> complete, bool isFirst = false)
    {
        if (!_completions.Contains(complete))
            _completions.Insert(isFirst ? 0 : _completions.Count, complete);
    }

    /// <summary>
    /// Gets a value of the host's configuration outside of the bus's settings, such as an environment variable that other programs have
    /// defined; null if it is not set.
    /// </summary>
    /// <param name="name">The variable's name.</param>
    public string? Variable(string name) => configuration[name];

    /// <summary>The names that the configuration has in a group of settings, <c>Bus:{section}:{name}</c>.</summary>
    public IEnumerable<string> NamesIn(string section) =>
        configuration.GetSection($"Bus:{section}").GetChildren().Select(child => child.Key);

    /// <summary>Runs what <see cref="Complete(Action{IServiceCollection}, bool)"/> has collected.</summary>
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

    static EngineNames AddNames(IServiceCollection services, IConfiguration configuration)
    {
        var names = new EngineNames(configuration["Bus:Name"] is { Length: > 0 } name ? name : null);
        services.TryAddSingleton(names);
        return names;
    }

    internal void ConfigureTopicEndpoint(BusDomain domain, IRegistrationContext context, IReceiveEndpointConfigurator endpoint)
    {
        foreach (var (_, configure) in _endpoints.Where(endpoints => endpoints.Domain == domain))
            configure(context, endpoint);
    }

    /// <summary>
    /// Has the processes that end without stopping counted in the host's database, if it has one: <see cref="IDeathRecords"/>.
    /// </summary>
    public void CountDeaths() => services.TryAddSingleton<CountedDeaths>();

    internal BusSettings AddBusSettings(IEnumerable<string> otherSections)
    {
        var bus = configuration.GetSection("Bus");
        var others = otherSections.Append("Queues").Append("PublishLimits").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var own = new ConfigurationBuilder()
            .AddInMemoryCollection(bus.GetChildren().Where(child => !others.Contains(child.Key)).SelectMany(child => child.AsEnumerable()))
            .Build();

        var settings = new BusSettings();
        SettingsBinder.Bind(own.GetSection("Bus"), settings, Problems, others.Order(StringComparer.Ordinal));
        services.AddSingleton(settings).AddSingleton(settings.Journeys).AddSingleton(settings.DeadLetters);
        return settings;
    }

    internal PublishLimits AddPublishLimits()
    {
        var policies = new Dictionary<string, PublishLimitPolicy>();
        foreach (var child in configuration.GetSection("Bus:PublishLimits").GetChildren())
            SettingsBinder.Bind(child, policies[child.Key] = new PublishLimitPolicy(), Problems);

        var limits = new PublishLimits(Problems.All.Count == 0 ? policies : new Dictionary<string, PublishLimitPolicy>());
        services.AddSingleton(limits);
        return limits;
    }

    internal QueuePolicies AddQueuePolicies(DomainCatalog catalog, BusSettings settings)
    {
        var policies = new QueuePolicies(catalog, configuration.GetSection("Bus:Queues"), settings.Attempts, Problems);
        services.AddSingleton(policies);
        return policies;
    }
}
