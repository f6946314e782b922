namespace Maestro.Bus.Messaging;

/// <summary>The topics that the domains of a host have declared.</summary>
public sealed class TopicDeclarations
{
    readonly List<ProducedTopic> _produced = [];
    readonly List<ConsumedTopic> _consumed = [];

    /// <summary>What is written, in the order of declaration.</summary>
    public IReadOnlyList<ProducedTopic> Produced => _produced;

    /// <summary>What is read, in the order of declaration.</summary>
    public IReadOnlyList<ConsumedTopic> Consumed => _consumed;

    internal ITopicConfigurator For(BusDomain? domain) => new Configurator(this, domain);

    sealed class Configurator(TopicDeclarations declarations, BusDomain? domain) : ITopicConfigurator
    {
        public void Produces<T>(string topic, Func<T, string?>? key, Func<T, byte[]>? write)
            where T : class
        {
            Check(topic, $"Produces<{typeof(T).Name}>");
            declarations._produced.Add(new ProducedTopic(
                domain, typeof(T), topic, key is null ? null : message => key((T)message),
                write is null ? null : message => write((T)message)));
        }

        public void Consumes<T>(string topic, Func<byte[], T>? read)
            where T : class
        {
            Check(topic, $"Consumes<{typeof(T).Name}>");
            declarations._consumed.Add(new ConsumedTopic(
                domain ?? throw new BusConfigurationException(
                    $"The topic '{topic}' is declared to be consumed outside a domain. Declare it in the AddServices of the domain whose "
                        + "consumers read it."),
                typeof(T),
                topic,
                read));
        }

        void Check(string? topic, string declaration)
        {
            if (string.IsNullOrWhiteSpace(topic))
                throw new BusConfigurationException(
                    $"{domain?.Name ?? "The host"} declares {declaration} for the topic '{topic}', which is no name. Give it one, such as "
                        + "sales.orders.");
        }
    }
}
