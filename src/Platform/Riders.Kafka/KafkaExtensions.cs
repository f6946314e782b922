using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>Adds Kafka to a bus.</summary>
public static class KafkaExtensions
{
    /// <summary>
    /// Makes the rider run on Kafka: on the bus's cluster, such as that of <c>Bus:Kafka</c>, where it has one, or else on that which is
    /// configured here.
    /// </summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="configure">Configures the cluster, the topics and the endpoints.</param>
    public static void UsingKafka(
        this IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IKafkaFactoryConfigurator> configure) =>
        rider.UsingKafka(KafkaCluster.Of(rider)?.Settings ?? new KafkaSettings(), configure);

    /// <summary>Makes the rider run on a Kafka cluster.</summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="clientConfig">
    /// The cluster's brokers and how they are connected to. Its <c>acks</c> counts, unlike that of MassTransit, for every producer of the
    /// rider.
    /// </param>
    /// <param name="configure">Configures the cluster, the topics and the endpoints.</param>
    /// <exception cref="ConfigurationException">The bus has another cluster.</exception>
    public static void UsingKafka(
        this IRiderRegistrationConfigurator rider, ClientConfig clientConfig,
        Action<IRiderRegistrationContext, IKafkaFactoryConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(clientConfig);
        var settings = new KafkaSettings { BootstrapServers = clientConfig.BootstrapServers ?? "", ClientId = clientConfig.ClientId };
        new ClientProperties(settings.Properties).Set(
            clientConfig.Where(property => property.Key is not ("bootstrap.servers" or "client.id")));
        rider.UsingKafka(settings, configure);
    }

    /// <summary>Makes the rider run on the Kafka cluster of settings.</summary>
    public static void UsingKafka(this IRiderRegistrationConfigurator rider, KafkaSettings settings,
        Action<IRiderRegistrationContext, IKafkaFactoryConfigurator> configure)
    {
        KafkaCluster.Use(rider, settings, null);
        var tls = KafkaCluster.Of(rider)!.Tls;
        rider.UsingStreams(
            KafkaPlugin.SchemeName,
            services => tls is null
                ? new KafkaPlugin(settings, services.GetRequiredService<ILogger<KafkaPlugin>>())
                : new KafkaPlugin(settings, services.GetRequiredService<ILogger<KafkaPlugin>>(), tls),
            (context, factory) =>
            {
                var configurator = new KafkaFactoryConfigurator(factory, settings);
                configure(context, configurator);
                configurator.End();
            },
            settings.ConfigureEndpoint);
        rider.TryAddSingleton<IKafkaRider>(services => new KafkaClusterRider(services.GetRequiredService<StreamRider<KafkaPlugin>>()));
        rider.TryAddSingleton<IKafkaTopicEndpointConnector>(services => services.GetRequiredService<IKafkaRider>());
        rider.TryAddScoped<ITopicProducerProvider>(
            services => new TopicProducerProvider(services.GetRequiredService<StreamRider<KafkaPlugin>>(), services));
    }

    /// <summary>Registers <see cref="ITopicProducer{T}"/> of a message type for a topic.</summary>
    public static void AddProducer<T>(
        this IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null)
        where T : class =>
        StreamRiderExtensions.AddProducer<KafkaPlugin, T>(rider, topic, configure);

    /// <summary>Registers <see cref="ITopicProducer{T}"/> of a message type for a topic.</summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="configure">
    /// Declares how messages are written, when the rider is made. Keys are written as the producer's own are.
    /// </param>
    public static void AddProducer<T>(
        this IRiderRegistrationConfigurator rider, string topic,
        Action<IRiderRegistrationContext, IKafkaProducerConfigurator<Null, T>> configure)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(configure);
        StreamRiderExtensions.AddProducer<KafkaPlugin, T>(
            rider, topic, (context, producer) => configure(context, new KafkaProducerConfigurator<Null, T>(producer)));
    }

    /// <summary>Registers <see cref="ITopicProducer{TKey,T}"/> of a message type for a topic.</summary>
    public static void AddProducer<TKey, T>(
        this IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null)
        where TKey : notnull
        where T : class =>
        StreamRiderExtensions.AddProducer<KafkaPlugin, TKey, T>(rider, topic, configure);

    /// <summary>Registers <see cref="ITopicProducer{TKey,T}"/> of a message type for a topic.</summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="configure">Declares how keys and messages are written, when the rider is made.</param>
    public static void AddProducer<TKey, T>(
        this IRiderRegistrationConfigurator rider, string topic,
        Action<IRiderRegistrationContext, IKafkaProducerConfigurator<TKey, T>> configure)
        where TKey : notnull
        where T : class =>
        StreamRiderExtensions.AddProducer<KafkaPlugin, TKey, T>(
            rider, topic, (context, producer) => configure(context, new KafkaProducerConfigurator<TKey, T>(producer)));

    /// <summary>Registers <see cref="ITopicProducer{T}"/> and <see cref="ITopicProducer{TKey,T}"/> of a message type for a topic.</summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="keyResolver">Finds a message's key.</param>
    /// <param name="configure">Declares how keys and messages are written, when the rider is made.</param>
    public static void AddProducer<TKey, T>(
        this IRiderRegistrationConfigurator rider, string topic, KafkaKeyResolver<TKey, T> keyResolver,
        Action<IRiderRegistrationContext, IKafkaProducerConfigurator<TKey, T>>? configure = null)
        where TKey : notnull
        where T : class
    {
        rider.AddProducer<TKey, T>(topic, (context, producer) => configure?.Invoke(context, producer));
        rider.TryAddScoped<ITopicProducer<T>>(
            services => new KeyResolvingProducer<TKey, T>(services.GetRequiredService<ITopicProducer<TKey, T>>(), keyResolver));
    }
}
