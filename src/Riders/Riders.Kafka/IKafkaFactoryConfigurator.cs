namespace MaestroBus.Riders.Kafka;

/// <summary>Configures Kafka.</summary>
public interface IKafkaFactoryConfigurator : IStreamFactoryConfigurator
{
    /// <summary>The settings; whatever is changed here counts.</summary>
    KafkaSettings Settings { get; }

    /// <summary>Names some of the cluster's brokers, <c>host:port</c>.</summary>
    void Host(params string[] servers);
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
        factory.TopicEndpoint(messageType, topic, group, (context, endpoint) =>
        {
            endpoint.PrefetchCount = settings.Consumer.MaxPollRecords;
            configure(context, endpoint);
        });

    public void ConfigureSend(Action<ISendPipeConfigurator> configure) => factory.ConfigureSend(configure);

    public void Topic(Riders.TopicSpecification topic) => factory.Topic(topic);
}
