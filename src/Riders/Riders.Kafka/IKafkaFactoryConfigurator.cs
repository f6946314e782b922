namespace MaestroBus.Riders.Kafka;

/// <summary>Configures Kafka.</summary>
public interface IKafkaFactoryConfigurator : IStreamFactoryConfigurator
{
    /// <summary>The settings; whatever is changed here counts.</summary>
    KafkaSettings Settings { get; }

    /// <summary>Names some of the cluster's brokers, <c>host:port</c>.</summary>
    void Host(params string[] servers);

    /// <summary>
    /// Has a group read a topic whose records are messages of one type, where they do not say another. Their keys are of no interest.
    /// </summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="groupId">The group that shares the work.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<T>(string topicName, string groupId, Action<IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class;

    /// <summary>
    /// Has a group read a topic whose records have keys of one type and are messages of one type, where they do not say another.
    /// </summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="groupId">The group that shares the work.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<TKey, TValue>(
        string topicName, string groupId, Action<IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class;

    /// <summary>
    /// Has a group read a topic whose records have keys of one type and are messages of one type, where they do not say another.
    /// </summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="consumerConfig">The group, and what is different from the rider's settings.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<TKey, TValue>(
        string topicName, ConsumerConfig consumerConfig, Action<IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class;

    /// <summary>
    /// Has a group read a topic whose records are messages of one type, where they do not say another. Their keys are of no interest.
    /// </summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="consumerConfig">The group, and what is different from the rider's settings.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<T>(
        string topicName, ConsumerConfig consumerConfig, Action<IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class;
}

sealed class KafkaFactoryConfigurator(IStreamFactoryConfigurator factory, KafkaSettings settings) : IKafkaFactoryConfigurator
{
    public KafkaSettings Settings => settings;

    public bool KeepDeadLetters
    {
        set => factory.KeepDeadLetters = value;
    }

    public void Host(params string[] servers) => settings.BootstrapServers = string.Join(',', servers);

    public void TopicEndpoint<T>(string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure)
        where T : class =>
        TopicEndpoint(typeof(T), topic, group, configure);

    public void TopicEndpoint(Type? messageType, string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure) =>
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
