namespace Maestro.Bus.Riders.Kafka;

/// <summary>Adds endpoints while the rider runs.</summary>
public interface IKafkaTopicEndpointConnector
{
    /// <summary>Has a group read another topic. Stop what is returned, and it is read no longer.</summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="groupId">The group that shares the work.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    /// <exception cref="BusConfigurationException">Something is wrong; the message lists all of it.</exception>
    HostReceiveEndpointHandle ConnectTopicEndpoint<TKey, TValue>(
        string topicName, string groupId, Action<IRiderRegistrationContext, IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class;

    /// <summary>Has a group read another topic. Stop what is returned, and it is read no longer.</summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="consumerConfig">The group, and what is different from the rider's settings.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    /// <exception cref="BusConfigurationException">Something is wrong; the message lists all of it.</exception>
    HostReceiveEndpointHandle ConnectTopicEndpoint<TKey, TValue>(
        string topicName, ConsumerConfig consumerConfig,
        Action<IRiderRegistrationContext, IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class;

    /// <summary>Has a group read another topic whose keys are of no interest. Stop what is returned, and it is read no longer.</summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="groupId">The group that shares the work.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    /// <exception cref="BusConfigurationException">Something is wrong; the message lists all of it.</exception>
    HostReceiveEndpointHandle ConnectTopicEndpoint<T>(
        string topicName, string groupId, Action<IRiderRegistrationContext, IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class;

    /// <summary>Has a group read another topic whose keys are of no interest. Stop what is returned, and it is read no longer.</summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="consumerConfig">The group, and what is different from the rider's settings.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    /// <exception cref="BusConfigurationException">Something is wrong; the message lists all of it.</exception>
    HostReceiveEndpointHandle ConnectTopicEndpoint<T>(
        string topicName, ConsumerConfig consumerConfig,
        Action<IRiderRegistrationContext, IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class;
}

/// <summary>
/// Kafka as it runs with the bus: adds endpoints, and gets producers that belong to no scope. What these produce waits in no outbox.
/// </summary>
public interface IKafkaRider : IKafkaTopicEndpointConnector, ITopicProducerProvider;

sealed class KafkaClusterRider(StreamRider<KafkaPlugin> rider) : IKafkaRider
{
    readonly TopicProducerProvider _producers = new(rider, new NoScope());

    public ITopicProducer<TKey, TValue> GetProducer<TKey, TValue>(Uri address)
        where TKey : notnull
        where TValue : class =>
        _producers.GetProducer<TKey, TValue>(address);

    public ITopicProducer<TValue> GetProducer<TValue>(Uri address)
        where TValue : class =>
        _producers.GetProducer<TValue>(address);

    public HostReceiveEndpointHandle ConnectTopicEndpoint<TKey, TValue>(
        string topicName, string groupId, Action<IRiderRegistrationContext, IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class =>
        ConnectTopicEndpoint(topicName, new ConsumerConfig { GroupId = groupId }, configure);

    public HostReceiveEndpointHandle ConnectTopicEndpoint<TKey, TValue>(
        string topicName, ConsumerConfig consumerConfig,
        Action<IRiderRegistrationContext, IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class
    {
        ArgumentNullException.ThrowIfNull(consumerConfig);
        return rider.ConnectTopicEndpoint<TValue>(topicName, consumerConfig.GroupId ?? "", (context, endpoint) =>
            configure(context, new KafkaEndpointConfigurator<TKey, TValue>(endpoint, consumerConfig)));
    }

    public HostReceiveEndpointHandle ConnectTopicEndpoint<T>(
        string topicName, ConsumerConfig consumerConfig,
        Action<IRiderRegistrationContext, IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class =>
        ConnectTopicEndpoint<Ignore, T>(topicName, consumerConfig, configure);

    public HostReceiveEndpointHandle ConnectTopicEndpoint<T>(
        string topicName, string groupId, Action<IRiderRegistrationContext, IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class =>
        ConnectTopicEndpoint<Ignore, T>(topicName, groupId, configure);

    sealed class NoScope : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
