namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// Gets producers for topics whose names are known only when something is produced. Scoped: the scope's outbox takes what is produced.
/// </summary>
public interface ITopicProducerProvider
{
    /// <summary>Gets a producer, with what is declared of the topic's registered one with the same types, if there is one.</summary>
    /// <param name="address"><c>topic:{name}</c>.</param>
    /// <exception cref="ArgumentException">The address is of another kind.</exception>
    ITopicProducer<TKey, TValue> GetProducer<TKey, TValue>(Uri address)
        where TKey : notnull
        where TValue : class;

    /// <summary>Gets a producer, with what is declared of the topic's registered one with the same type, if there is one.</summary>
    /// <param name="address"><c>topic:{name}</c>.</param>
    /// <exception cref="ArgumentException">The address is of another kind.</exception>
    ITopicProducer<TValue> GetProducer<TValue>(Uri address)
        where TValue : class;
}

/// <summary>Finds messages' keys by themselves.</summary>
public static class TopicProducerProviderExtensions
{
    /// <summary>Gets a producer whose keys are found by each message.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="address"><c>topic:{name}</c>.</param>
    /// <param name="keyResolver">Finds a message's key.</param>
    /// <exception cref="ArgumentException">The address is of another kind.</exception>
    public static ITopicProducer<TValue> GetProducer<TKey, TValue>(
        this ITopicProducerProvider provider, Uri address, KafkaKeyResolver<TKey, TValue> keyResolver)
        where TKey : notnull
        where TValue : class =>
        new KeyResolvingProducer<TKey, TValue>(provider.GetProducer<TKey, TValue>(address), keyResolver);
}

sealed class TopicProducerProvider(StreamRider<KafkaPlugin> rider, IServiceProvider services) : ITopicProducerProvider
{
    const string Scheme = "topic";

    public ITopicProducer<TKey, TValue> GetProducer<TKey, TValue>(Uri address)
        where TKey : notnull
        where TValue : class =>
        rider.GetProducer<TKey, TValue>(TopicOf(address), services);

    public ITopicProducer<TValue> GetProducer<TValue>(Uri address)
        where TValue : class =>
        rider.GetProducer<TValue>(TopicOf(address), services);

    static string TopicOf(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Scheme == KafkaPlugin.SchemeName)
            return TopicNames.Of(address);
        if (address.Scheme != Scheme)
            throw new ArgumentException($"'{address}' is not a topic's address. Use {Scheme}:NAME.", nameof(address));

        var topic = Uri.UnescapeDataString(address.AbsolutePath);
        return KafkaNames.Problem(topic) is { } problem
            ? throw new ArgumentException($"'{address}' names a topic that Kafka does not take. {problem}", nameof(address))
            : topic;
    }
}
