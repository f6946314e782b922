namespace Maestro.Bus.Riders.Kafka;

/// <summary>Writes to topics with a pipe that sees what is special to Kafka.</summary>
public static class KafkaProduceExtensions
{
    /// <summary>Writes a message.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="message">The message.</param>
    /// <param name="pipe">Sets its headers, ids, partition and serializer.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    /// <exception cref="InvalidOperationException">The producer is not one of Kafka's.</exception>
    public static Task Produce<T>(
        this ITopicProducer<T> producer, T message, IPipe<KafkaSendContext<T>> pipe, CancellationToken cancellationToken = default)
        where T : class =>
        producer.Produce(message, new KafkaPipe<T, KafkaSendContext<T>>(pipe), cancellationToken);

    /// <summary>Writes a message that is made of an object's properties, as MassTransit's message initializers do.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="values">The object, such as one of an anonymous type.</param>
    /// <param name="pipe">Sets the message's headers, ids, partition and serializer.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    /// <exception cref="InvalidOperationException">The producer is not one of Kafka's.</exception>
    public static Task Produce<T>(
        this ITopicProducer<T> producer, object values, IPipe<KafkaSendContext<T>> pipe, CancellationToken cancellationToken = default)
        where T : class =>
        producer.Produce(values, new KafkaPipe<T, KafkaSendContext<T>>(pipe), cancellationToken);

    /// <summary>Writes a message with a key.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="key">The key.</param>
    /// <param name="message">The message.</param>
    /// <param name="pipe">Sets its headers, ids, key, partition and serializers.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    /// <exception cref="InvalidOperationException">The producer is not one of Kafka's.</exception>
    public static Task Produce<TKey, T>(
        this ITopicProducer<TKey, T> producer, TKey key, T message, IPipe<KafkaSendContext<TKey, T>> pipe,
        CancellationToken cancellationToken = default)
        where TKey : notnull
        where T : class =>
        producer.Produce(key, message, new KafkaPipe<T, KafkaSendContext<TKey, T>>(pipe), cancellationToken);

    /// <summary>Writes a message with a key that is made of an object's properties, as MassTransit's message initializers do.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="key">The key.</param>
    /// <param name="values">The object, such as one of an anonymous type.</param>
    /// <param name="pipe">Sets the message's headers, ids, key, partition and serializers.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    /// <exception cref="InvalidOperationException">The producer is not one of Kafka's.</exception>
    public static Task Produce<TKey, T>(
        this ITopicProducer<TKey, T> producer, TKey key, object values, IPipe<KafkaSendContext<TKey, T>> pipe,
        CancellationToken cancellationToken = default)
        where TKey : notnull
        where T : class =>
        producer.Produce(key, values, new KafkaPipe<T, KafkaSendContext<TKey, T>>(pipe), cancellationToken);

    sealed class KafkaPipe<T, TContext>(IPipe<TContext> pipe) : IPipe<StreamSendContext<T>>
        where T : class
        where TContext : class, KafkaSendContext<T>
    {
        public Task Send(StreamSendContext<T> context) => pipe.Send(context as TContext ?? throw new InvalidOperationException(
            $"The producer's context is {TypeCache.GetShortName(context.GetType())}, and {TypeCache<TContext>.ShortName} is expected. "
            + "Register the producer with Kafka's AddProducer, with the same types of key and message."));

        public void Probe(ProbeContext context) => pipe.Probe(context);
    }
}
