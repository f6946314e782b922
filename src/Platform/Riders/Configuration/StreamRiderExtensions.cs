using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Riders;

/// <summary>Adds a rider to a bus, for the plug-ins: each gives it a name of its own, such as <c>UsingKafka</c>.</summary>
public static class StreamRiderExtensions
{
    /// <summary>
    /// Makes the rider run on a plug-in. Where it does already, the configuration is added to the other: one rider then has the endpoints
    /// of both.
    /// </summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="scheme">The plug-in's scheme; the health check's name, too.</param>
    /// <param name="plugin">Creates the plug-in.</param>
    /// <param name="configure">Configures the rider.</param>
    /// <param name="endpoint">
    /// Configures each endpoint, before its own configuration does: those too that are added while the rider runs. The first that is given
    /// counts.
    /// </param>
    public static void UsingStreams<TPlugin>(
        this IRiderRegistrationConfigurator rider,
        string scheme,
        Func<IServiceProvider, TPlugin> plugin,
        Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure,
        Action<string, IStreamEndpointConfigurator>? endpoint = null)
        where TPlugin : class, IStreamPlugin
    {
        if (rider.Select(service => service.ImplementationInstance).OfType<RiderConfigurations<TPlugin>>()
            .FirstOrDefault() is not { } configurations)
            rider.AddSingleton(configurations = new RiderConfigurations<TPlugin>());
        if (!configurations.Add(configure))
            return;

        rider.SetRiderFactory(new StreamRiderFactory<TPlugin>(plugin, configurations.Configure, endpoint));
        rider.TryAddSingleton(TimeProvider.System);
        rider.AddSingleton<IOutboxTransport>(services =>
            new TopicOutboxTransport(
                () => services.GetRequiredService<StreamRider<TPlugin>>(), scheme, services.GetRequiredService<TimeProvider>()));
        rider.AddHealthChecks().Add(new HealthCheckRegistration(
            scheme, services => new StreamHealthCheck(() => services.GetRequiredService<StreamRider<TPlugin>>(), scheme),
            HealthStatus.Unhealthy, [HealthTags.Ready, HealthTags.BrokerOf(scheme), "rider"]));
    }

    /// <summary>Registers <see cref="ITopicProducer{T}"/> of a message type, for a topic of the rider that runs on a plug-in.</summary>
    public static void AddProducer<TPlugin, T>(
        this IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null)
        where TPlugin : class, IStreamPlugin
        where T : class =>
        rider.AddProducer<TPlugin, T>(topic, (_, producer) => configure?.Invoke(producer));

    /// <summary>Registers <see cref="ITopicProducer{T}"/> of a message type, for a topic of the rider that runs on a plug-in.</summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="configure">Configures the producer, when the rider is made.</param>
    public static void AddProducer<TPlugin, T>(
        this IRiderRegistrationConfigurator rider, string topic, Action<IRiderRegistrationContext, IProducerConfigurator<T>> configure)
        where TPlugin : class, IStreamPlugin
        where T : class
    {
        var settings = new ProducerSettings<T>(topic);
        rider.AddSingleton(new ProducerTopic<TPlugin>(topic, typeof(T), null, settings, context => configure(context, settings)));
        rider.TryAddScoped<StreamRider<TPlugin>, ITopicProducer<T>>((streams, services) => streams.Producer<string, T>(settings, services));
    }

    /// <summary>
    /// Registers <see cref="ITopicProducer{TKey,T}"/> of a message type, for a topic of the rider that runs on a plug-in.
    /// </summary>
    public static void AddProducer<TPlugin, TKey, T>(
        this IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null)
        where TPlugin : class, IStreamPlugin
        where TKey : notnull
        where T : class =>
        rider.AddProducer<TPlugin, TKey, T>(topic, (_, producer) => configure?.Invoke(producer));

    /// <summary>
    /// Registers <see cref="ITopicProducer{TKey,T}"/> of a message type, for a topic of the rider that runs on a plug-in.
    /// </summary>
    /// <param name="rider">The rider's registration.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="configure">Configures the producer, when the rider is made.</param>
    public static void AddProducer<TPlugin, TKey, T>(
        this IRiderRegistrationConfigurator rider, string topic, Action<IRiderRegistrationContext, IProducerConfigurator<T>> configure)
        where TPlugin : class, IStreamPlugin
        where TKey : notnull
        where T : class
    {
        var settings = new ProducerSettings<T>(topic);
        rider.AddSingleton(new ProducerTopic<TPlugin>(topic, typeof(T), typeof(TKey), settings, context => configure(context, settings)));
        rider.TryAddScoped<StreamRider<TPlugin>, ITopicProducer<TKey, T>>(
            (streams, services) => new KeyedTopicProducer<TKey, T>(streams.Producer<TKey, T>(settings, services)));
    }
}
