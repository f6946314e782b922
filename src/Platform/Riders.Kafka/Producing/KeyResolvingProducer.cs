namespace Maestro.Bus.Riders.Kafka;

/// <summary>Finds a message's key, once all other pipes but the call's own have seen it.</summary>
public delegate TKey KafkaKeyResolver<out TKey, T>(KafkaSendContext<T> context)
    where T : class;

/// <summary>Writes messages with the keys that are found for them.</summary>
sealed class KeyResolvingProducer<TKey, T>(ITopicProducer<TKey, T> producer, KafkaKeyResolver<TKey, T> resolve) : ITopicProducer<T>
    where TKey : notnull
    where T : class
{
    public Task Produce(T message, CancellationToken cancellationToken) =>
        Produce(message, Pipe.Empty<StreamSendContext<T>>(), cancellationToken);

    public Task Produce(string key, T message, CancellationToken cancellationToken) => producer.Produce(
        default!, message, Pipe.Execute<StreamSendContext<T>>(context => context.Key = key), cancellationToken);

    public Task Produce(T message, IPipe<StreamSendContext<T>> pipe, CancellationToken cancellationToken) =>
        producer.Produce(default!, message, new Resolving(resolve, pipe), cancellationToken);

    sealed class Resolving(KafkaKeyResolver<TKey, T> resolve, IPipe<StreamSendContext<T>> next) : IPipe<StreamSendContext<T>>
    {
        public Task Send(StreamSendContext<T> context)
        {
            var kafka = (KafkaSendContext<TKey, T>)context;
            kafka.Key = resolve(kafka);
            return next.Send(context);
        }

        public void Probe(ProbeContext context) => next.Probe(context);
    }
}
