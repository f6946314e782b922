namespace Maestro.Bus.Riders;

sealed class KeyedTopicProducer<TKey, T>(TopicProducer<T> producer) : ITopicProducer<TKey, T>
    where TKey : notnull
    where T : class
{
    readonly Func<TKey, byte[]> _write = producer.Settings.KeyWriter<TKey>();

    public Task Produce(TKey key, T message, CancellationToken cancellationToken) => Produce(key, message, null, cancellationToken);

    public Task Produce(TKey key, T message, IPipe<StreamSendContext<T>>? pipe, CancellationToken cancellationToken) =>
        producer.Produce(message, context => context.SetKey(key, _write), pipe, cancellationToken);

    public Task ProduceTombstone(TKey key, CancellationToken cancellationToken) =>
        producer.ProduceTombstone(context => context.SetKey(key, _write), cancellationToken);
}
