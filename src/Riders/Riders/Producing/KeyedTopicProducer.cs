using System.Globalization;

namespace MaestroBus.Riders;

sealed class KeyedTopicProducer<TKey, T>(TopicProducer<T> producer) : ITopicProducer<TKey, T>
    where TKey : notnull
    where T : class
{
    public Task Produce(TKey key, T message, CancellationToken cancellationToken) => producer.Produce(Text(key), message, cancellationToken);

    public Task Produce(TKey key, T message, IPipe<StreamSendContext<T>> pipe, CancellationToken cancellationToken) =>
        producer.Produce(Text(key), message, pipe, cancellationToken);

    static string Text(TKey key) => Convert.ToString(key, CultureInfo.InvariantCulture)!;
}
