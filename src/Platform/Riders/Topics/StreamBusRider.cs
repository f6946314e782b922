using System.Reflection;

namespace Maestro.Bus.Riders;

/// <summary>What the riders of all plug-ins do with the topics that the domains declare.</summary>
public abstract class StreamBusRider<TPlugin> : BusRider
    where TPlugin : class, IStreamPlugin
{
    static readonly MethodInfo AddProducerMethod = typeof(StreamBusRider<TPlugin>).GetMethod(
        nameof(AddProducer), BindingFlags.NonPublic | BindingFlags.Static)!;

    readonly PublishedTopics _published = new();

    /// <inheritdoc />
    public sealed override void Use(IBusRegistrationConfigurator bus, RiderParts parts)
    {
        var endpoints = parts.Topics.Consumed.GroupBy(topic => (topic.Domain, topic.Topic))
            .Select(topics => new DomainTopic(topics.Key.Domain, topics.Key.Topic, [.. topics])).ToList();

        foreach (var topic in endpoints)
            topic.LeaveBus(bus);

        _published.Declare(parts.Topics.Produced);
        bus.AddPublishObserver<CopyingPublishObserver>();
        bus.AddRider(rider =>
        {
            foreach (var consumer in endpoints.SelectMany(topic => topic.Consumers).Distinct())
                rider.AddConsumer(consumer);
            foreach (var topic in parts.Topics.Produced.DistinctBy(topic => topic.MessageType))
                AddProducerMethod.MakeGenericMethod(topic.MessageType).Invoke(null, [rider, topic]);

            Use(rider, (context, factory) =>
            {
                _published.Rider = () => context.GetRequiredService<StreamRider<TPlugin>>();
                factory.ConfigureSend(parts.ConfigureSend);
                factory.KeepDeadLetters = parts.Settings.DeadLetters.Enabled;
                foreach (var specification in parts.Topics.Produced.Select(topic => Specification(topic.Topic))
                    .OfType<TopicSpecification>())
                    factory.Topic(specification);
                foreach (var topic in endpoints)
                    topic.Configure(factory, GroupOf(topic.Domain), Specification(topic.Name), parts);
            });
        });
    }

    /// <inheritdoc />
    public sealed override void ConfigurePublish(IPublishPipeConfigurator publish) => _published.ConfigurePublish(publish);

    static void AddProducer<T>(IRiderRegistrationConfigurator rider, ProducedTopic topic)
        where T : class =>
        StreamRiderExtensions.AddProducer<TPlugin, T>(rider, topic.Topic, producer =>
        {
            if (topic.Key is { } key)
                producer.Key(key);
            if (topic.Write is { } write)
                producer.WriteValue(write);
        });

    /// <summary>Makes the rider run on the plug-in.</summary>
    protected abstract void Use(
        IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure);

    /// <summary>The group that a domain's consumers read as.</summary>
    protected virtual string GroupOf(BusDomain domain) => domain.Queue;

    /// <summary>How a declared topic is created; none to leave that to the broker.</summary>
    protected virtual TopicSpecification? Specification(string topic) => null;
}
