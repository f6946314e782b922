namespace MaestroBus.Riders.Kafka;

/// <summary>Adds Kafka to a bus.</summary>
public static class KafkaExtensions
{
    /// <summary>Makes the rider run on Kafka: on the bus's cluster, such as that of <c>Bus:Kafka</c>, where it has one, or else on that which is configured here.</summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="configure">Configures the cluster, the topics and the endpoints.</param>
    public static void UsingKafka(this IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IKafkaFactoryConfigurator> configure) =>
        rider.UsingKafka(KafkaCluster.Of(rider) ?? new KafkaSettings(), configure);

    /// <summary>Makes the rider run on the Kafka cluster of settings.</summary>
    public static void UsingKafka(this IRiderRegistrationConfigurator rider, KafkaSettings settings, Action<IRiderRegistrationContext, IKafkaFactoryConfigurator> configure)
    {
        KafkaCluster.Use(rider, settings);
        rider.UsingStreams(
            KafkaPlugin.SchemeName,
            services => new KafkaPlugin(settings, services.GetRequiredService<ILogger<KafkaPlugin>>()),
            (context, factory) => configure(context, new KafkaFactoryConfigurator(factory, settings)));
    }

    /// <summary>Registers <see cref="ITopicProducer{T}"/> of a message type for a topic.</summary>
    public static void AddProducer<T>(this IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null)
        where T : class =>
        StreamRiderExtensions.AddProducer<KafkaPlugin, T>(rider, topic, configure);

    /// <summary>Registers <see cref="ITopicProducer{TKey,T}"/> of a message type for a topic.</summary>
    public static void AddProducer<TKey, T>(this IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null)
        where TKey : notnull
        where T : class =>
        StreamRiderExtensions.AddProducer<KafkaPlugin, TKey, T>(rider, topic, configure);
}
