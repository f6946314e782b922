using MassTransit.Transports;

namespace MaestroBus.Riders;

/// <summary>Collects what a rider is configured with, checks it against what the plug-in can do, and builds the rider.</summary>
sealed class StreamFactoryConfigurator(string scheme, StreamCapabilities capabilities) : IStreamFactoryConfigurator
{
    readonly List<Endpoint> _endpoints = [];
    readonly List<Action<ISendPipeConfigurator>> _sends = [];
    readonly List<TopicSpecification> _topics = [];
    bool _keepDeadLetters = true;

    public bool KeepDeadLetters
    {
        set => _keepDeadLetters = value;
    }

    public IReadOnlyList<Action<ISendPipeConfigurator>> Sends => _sends;

    public void TopicEndpoint<T>(string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure)
        where T : class =>
        TopicEndpoint(typeof(T), topic, group, configure);

    public void TopicEndpoint(Type? messageType, string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure) =>
        _endpoints.Add(new Endpoint(messageType, new StreamEndpointSettings(topic, group), configure));

    public void ConfigureSend(Action<ISendPipeConfigurator> configure) => _sends.Add(configure);

    public void Topic(TopicSpecification topic) => _topics.Add(topic);

    /// <summary>Adds the endpoints to a rider.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; the message lists all of it.</exception>
    public void Build(StreamRider rider, IRiderRegistrationContext context)
    {
        var problems = new List<string>();
        if (_topics.Count > 0 && !capabilities.HasFlag(StreamCapabilities.TopicCreation))
            problems.Add(Lacks(StreamCapabilities.TopicCreation, $"The topic '{_topics[0].Name}' is to be created"));

        foreach (var (messageType, settings, configure) in _endpoints)
        {
            if (settings.Problem() is { } problem)
            {
                problems.Add($"The {scheme} endpoint '{settings.Topic}' of the group '{settings.Group}' cannot be: {problem}");
                continue;
            }

            var configuration = new StreamEndpointConfiguration(rider, settings, messageType, _keepDeadLetters);
            configure(context, configuration);
            problems.AddRange(configuration.Validate().Where(result => result.Disposition == ValidationResultDisposition.Failure)
                .Select(result => $"The {scheme} endpoint '{settings.Topic}' of the group '{settings.Group}': {result.Key} {result.Message}"));
            problems.AddRange(settings.Needs().Where(need => !capabilities.HasFlag(need.Capability))
                .Select(need => Lacks(need.Capability, $"The endpoint '{settings.Topic}' of the group '{settings.Group}': {need.What}")));

            if (problems.Count > 0)
                continue;

            var endpoint = configuration.CreateReceiveEndpointContext();
            rider.Add($"{settings.Topic}@{settings.Group}", new ReceiveEndpoint(new StreamReceiveTransport((StreamEndpointContext)endpoint), endpoint));
            _topics.AddRange(settings.CreatedTopics());
        }

        if (problems.Count > 0)
            throw new ConfigurationException(string.Join(Environment.NewLine, problems));

        rider.Create(_topics);
    }

    string Lacks(StreamCapabilities capability, string what) =>
        $"{what}, and the rider '{scheme}' has no {capability}. It has {capabilities}; leave it out, or choose a rider that has it.";

    sealed record Endpoint(Type? MessageType, StreamEndpointSettings Settings, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> Configure);
}
