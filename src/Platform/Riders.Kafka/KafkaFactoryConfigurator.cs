namespace Maestro.Bus.Riders.Kafka;

/// <summary>Puts what is configured into the settings and the rider.</summary>
sealed class KafkaFactoryConfigurator(IStreamFactoryConfigurator factory, KafkaSettings settings) : IKafkaFactoryConfigurator
{
    readonly ClientProperties _properties = new(settings.Properties);
    KafkaHostConfigurator? _host;

    public KafkaSettings Settings => settings;

    public string ClientId
    {
        set => settings.ClientId = value;
    }

    public SecurityProtocol? SecurityProtocol
    {
        set => Connection.Protocol = value;
    }

    public Acks? Acks
    {
        set => _properties.Set<ClientConfig>(config => config.Acks = value);
    }

    public int? MessageMaxBytes
    {
        set => _properties.Set<ClientConfig>(config => config.MessageMaxBytes = value);
    }

    public int? MessageCopyMaxBytes
    {
        set => _properties.Set<ClientConfig>(config => config.MessageCopyMaxBytes = value);
    }

    public int? ReceiveMessageMaxBytes
    {
        set => _properties.Set<ClientConfig>(config => config.ReceiveMessageMaxBytes = value);
    }

    public int? MaxInFlight
    {
        set => _properties.Set<ClientConfig>(config => config.MaxInFlight = value);
    }

    public TimeSpan? TopicMetadataRefreshInterval
    {
        set => _properties.Set<ClientConfig>(config => config.TopicMetadataRefreshIntervalMs = ClientProperties.Milliseconds(value));
    }

    public TimeSpan? MetadataMaxAge
    {
        set => _properties.Set<ClientConfig>(config => config.MetadataMaxAgeMs = ClientProperties.Milliseconds(value));
    }

    public TimeSpan? TopicMetadataRefreshFastInterval
    {
        set => _properties.Set<ClientConfig>(config => config.TopicMetadataRefreshFastIntervalMs = ClientProperties.Milliseconds(value));
    }

    public bool? TopicMetadataRefreshSparse
    {
        set => _properties.Set<ClientConfig>(config => config.TopicMetadataRefreshSparse = value);
    }

    public string TopicBlacklist
    {
        set => _properties.Set<ClientConfig>(config => config.TopicBlacklist = value);
    }

    public string Debug
    {
        set => _properties.Set<ClientConfig>(config => config.Debug = value);
    }

    public int? BrokerAddressTtl
    {
        set => _properties.Set<ClientConfig>(config => config.BrokerAddressTtl = value);
    }

    public BrokerAddressFamily? BrokerAddressFamily
    {
        set => _properties.Set<ClientConfig>(config => config.BrokerAddressFamily = value);
    }

    public TimeSpan? ReconnectBackoff
    {
        set => _properties.Set<ClientConfig>(config => config.ReconnectBackoffMs = ClientProperties.Milliseconds(value));
    }

    public TimeSpan? ReconnectBackoffMax
    {
        set => _properties.Set<ClientConfig>(config => config.ReconnectBackoffMaxMs = ClientProperties.Milliseconds(value));
    }

    public bool? LogThreadName
    {
        set => _properties.Set<ClientConfig>(config => config.LogThreadName = value);
    }

    public bool? LogConnectionClose
    {
        set => _properties.Set<ClientConfig>(config => config.LogConnectionClose = value);
    }

    public int? InternalTerminationSignal
    {
        set => _properties.Set<ClientConfig>(config => config.InternalTerminationSignal = value);
    }

    public string PluginLibraryPaths
    {
        set => _properties.Set<ClientConfig>(config => config.PluginLibraryPaths = value);
    }

    public string ClientRack
    {
        set => _properties.Set<ClientConfig>(config => config.ClientRack = value);
    }

    KafkaHostConfigurator Connection => _host ??= new KafkaHostConfigurator(_properties);

    public bool KeepDeadLetters
    {
        set => factory.KeepDeadLetters = value;
    }

    public void Host(params string[] servers) => settings.BootstrapServers = string.Join(',', servers);

    public void Host(IReadOnlyList<string> servers, Action<IKafkaHostConfigurator>? configure = null)
    {
        Host([.. servers]);
        configure?.Invoke(Connection);
    }

    public void Host(string server, Action<IKafkaHostConfigurator> configure) => Host([server], configure);

    public void ConfigureApi(Action<IKafkaApiConfigurator> configure) => configure(new KafkaApiConfigurator(_properties));

    public void ConfigureSocket(Action<IKafkaSocketConfigurator> configure) => configure(new KafkaSocketConfigurator(_properties));

    /// <summary>Ends the configuration.</summary>
    /// <exception cref="ConfigurationException">What is configured contradicts itself, or the client does not take it.</exception>
    public void End()
    {
        _host?.Apply();
        if (_properties.AreSet && KafkaConfig.Problem(settings) is { } problem)
            throw new ConfigurationException($"Kafka: {problem}");
    }

    public void TopicEndpoint<T>(string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure)
        where T : class =>
        TopicEndpoint(typeof(T), topic, group, configure);

    public void TopicEndpoint(
        Type? messageType, string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure) =>
        factory.TopicEndpoint(messageType, topic, group, configure);

    public void TopicEndpoint<T>(string topicName, string groupId, Action<IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class =>
        TopicEndpoint<Ignore, T>(topicName, groupId, configure);

    public void TopicEndpoint<TKey, TValue>(
        string topicName, string groupId, Action<IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class =>
        TopicEndpoint(topicName, new ConsumerConfig { GroupId = groupId }, configure);

    public void TopicEndpoint<TKey, TValue>(
        string topicName, ConsumerConfig consumerConfig, Action<IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class
    {
        ArgumentNullException.ThrowIfNull(consumerConfig);
        TopicEndpoint(typeof(TValue), topicName, consumerConfig.GroupId ?? "", (_, endpoint) =>
            configure(new KafkaEndpointConfigurator<TKey, TValue>(endpoint, consumerConfig)));
    }

    public void TopicEndpoint<T>(
        string topicName, ConsumerConfig consumerConfig, Action<IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class =>
        TopicEndpoint<Ignore, T>(topicName, consumerConfig, configure);

    public void ConfigureSend(Action<ISendPipeConfigurator> configure) => factory.ConfigureSend(configure);

    public void Topic(Riders.TopicSpecification topic) => factory.Topic(topic);
}
