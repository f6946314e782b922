using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>Collects what a rider is configured with, checks it against what the plug-in can do, and builds the rider.</summary>
/// <param name="plugin">The plug-in.</param>
/// <param name="defaults">Configures each endpoint of a topic, before its own configuration does.</param>
sealed class StreamFactoryConfigurator(IStreamPlugin plugin, Action<string, IStreamEndpointConfigurator>? defaults)
    : IStreamFactoryConfigurator
{
    readonly List<Endpoint> _endpoints = [];
    readonly List<Action<ISendPipeConfigurator>> _sends = [];
    readonly List<TopicSpecification> _topics = [];
    readonly string _scheme = plugin.Scheme;
    bool _keepDeadLetters = true;

    public bool KeepDeadLetters
    {
        set => _keepDeadLetters = value;
    }

    public IReadOnlyList<Action<ISendPipeConfigurator>> Sends => _sends;

    public void TopicEndpoint<T>(string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure)
        where T : class =>
        TopicEndpoint(typeof(T), topic, group, configure);

    public void TopicEndpoint(
        Type? messageType, string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure) =>
        _endpoints.Add(new Endpoint(messageType, new StreamEndpointSettings(topic, group), configure));

    public void ConfigureSend(Action<ISendPipeConfigurator> configure) => _sends.Add(configure);

    public void Topic(TopicSpecification topic) => _topics.Add(topic);

    /// <summary>Adds the endpoints to a rider.</summary>
    /// <exception cref="BusConfigurationException">Something is wrong; the message lists all of it.</exception>
    public void Build(StreamRider rider, IRiderRegistrationContext context, IEnumerable<(string Topic, Type MessageType)> producers)
    {
        var problems = new List<string>();
        if (_topics.Count > 0 && !plugin.Capabilities.HasFlag(StreamCapabilities.TopicCreation))
            problems.Add(Lacks(StreamCapabilities.TopicCreation, $"The topic '{_topics[0].Name}' is to be created"));

        problems.AddRange(
            _topics.Select(topic => topic.Name).Distinct().Select(topic => Unnameable(topic, "is to be created")).OfType<string>());
        problems.AddRange(_topics.SelectMany(Impossible));
        problems.AddRange(producers.Distinct().Select(producer => Unnameable(producer.Topic, $"is to take {producer.MessageType.Name}"))
            .OfType<string>());
        problems.AddRange(
            _endpoints.GroupBy(endpoint => (endpoint.Settings.Topic, endpoint.Settings.Group)).Where(endpoints => endpoints.Count() > 1)
                .Select(endpoints =>
                    $"The {_scheme} endpoint '{endpoints.Key.Topic}' of the group '{endpoints.Key.Group}' is there "
                    + $"{endpoints.Count()} times. "
                        + "Configure all of its consumers in one, or give each a group of its own."));

        foreach (var endpoint in _endpoints)
            Add(rider, context, endpoint, problems);

        problems.AddRange(_endpoints.SelectMany(endpoint => endpoint.Settings.RetryTopicNames.Select(topic => (topic, endpoint.Settings)))
            .GroupBy(retry => retry.topic)
            .Where(retries => retries.Count() > 1)
            .Select(retries =>
                $"The {_scheme} topic '{retries.Key}' would hold the retries of "
                + $"{string.Join(" and ", retries.Select(retry => $"'{retry.Settings.Topic}' of the group '{retry.Settings.Group}'"))}. "
                    + "Call one of the topics or groups otherwise."));

        if (problems.Count > 0)
            throw new BusConfigurationException(string.Join(Environment.NewLine, problems));

        rider.Create([.. _topics]);
    }

    /// <summary>Adds an endpoint to a rider that runs, and creates its topics.</summary>
    /// <exception cref="BusConfigurationException">Something is wrong; the message lists all of it.</exception>
    public void Connect(
        StreamRider rider, IRiderRegistrationContext context, Type? messageType, string topic, string group,
        Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure)
    {
        var problems = new List<string>();
        var known = _topics.Count;
        Add(rider, context, new Endpoint(messageType, new StreamEndpointSettings(topic, group), configure), problems);
        if (problems.Count > 0)
            throw new BusConfigurationException(string.Join(Environment.NewLine, problems));

        rider.CreateToo([.. _topics.Skip(known)]);
    }

    void Add(StreamRider rider, IRiderRegistrationContext context, Endpoint endpoint, List<string> problems)
    {
        var (messageType, settings, configure) = endpoint;
        if (settings.Problem() is { } problem)
        {
            problems.Add($"The {_scheme} endpoint '{settings.Topic}' of the group '{settings.Group}' cannot be: {problem}");
            return;
        }

        var configuration = new StreamEndpointConfiguration(rider, settings, messageType, _keepDeadLetters);
        defaults?.Invoke(settings.Topic, configuration);
        configure(context, configuration);
        problems.AddRange(configuration.Validate().Where(result => result.Disposition == ValidationResultDisposition.Failure)
            .Select(result => $"The {_scheme} endpoint '{settings.Topic}' of the group '{settings.Group}': {result.Key} {result.Message}"));
        problems.AddRange(settings.TopicsInUse(_keepDeadLetters).Select(topic =>
            Unnameable(topic, $"is needed by the endpoint '{settings.Topic}' of the group '{settings.Group}'")).OfType<string>());
        if (settings.ProblemInTransactions(TransactionalPump.WorkLimit(plugin)) is { } tooLong)
            problems.Add($"The {_scheme} endpoint '{settings.Topic}' of the group '{settings.Group}': {tooLong}");
        if (plugin.ProblemOf(settings.Subscription) is { } refused)
            problems.Add($"The {_scheme} endpoint '{settings.Topic}' of the group '{settings.Group}': {refused}");
        if (settings.Create is { } create)
            problems.AddRange(Impossible(create));
        problems.AddRange(settings.Needs().Where(need => !plugin.Capabilities.HasFlag(need.Capability))
            .Select(need => Lacks(need.Capability, $"The endpoint '{settings.Topic}' of the group '{settings.Group}': {need.What}")));

        if (problems.Count > 0)
            return;

        var built = configuration.CreateReceiveEndpointContext();
        var transport = new StreamReceiveTransport((StreamEndpointContext)built);
        rider.Add($"{settings.Topic}@{settings.Group}", new ReceiveEndpoint(transport, built));
        _topics.AddRange(settings.CreatedTopics(_keepDeadLetters ? rider.DeadLetterRetention : null));
    }

    IEnumerable<string> Impossible(TopicSpecification topic) =>
        topic.Problems().Select(problem => $"The {_scheme} topic '{topic.Name}' {problem}");

    string? Unnameable(string topic, string use) => plugin.ProblemOf(topic) is { } problem
        ? $"The {_scheme} topic '{topic}' {use}, and there can be none of that name. {problem}"
        : null;

    string Lacks(StreamCapabilities capability, string what) =>
        $"{what}, and the rider '{_scheme}' has no {capability}. It has {plugin.Capabilities}; leave it out, or choose a rider "
            + "that has it.";

    sealed record Endpoint(
        Type? MessageType, StreamEndpointSettings Settings, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> Configure);
}
