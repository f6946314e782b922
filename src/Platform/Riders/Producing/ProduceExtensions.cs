using MassTransit.Initializers;

namespace Maestro.Bus.Riders;

/// <summary>Shorter ways to write to a topic.</summary>
public static class ProduceExtensions
{
    /// <summary>Writes a message whose headers, ids, key and partition are set by a callback.</summary>
    public static Task Produce<T>(
        this ITopicProducer<T> producer, T message, Action<StreamSendContext<T>> configure, CancellationToken cancellationToken = default)
        where T : class =>
        producer.Produce(message, Pipe.Execute(configure), cancellationToken);

    /// <summary>Writes a message that is made of an object's properties, as MassTransit's message initializers do.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="values">The object, such as one of an anonymous type.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    public static Task Produce<T>(this ITopicProducer<T> producer, object values, CancellationToken cancellationToken = default)
        where T : class =>
        producer.Produce(values, Pipe.Empty<StreamSendContext<T>>(), cancellationToken);

    /// <summary>Writes a message that is made of an object's properties, as MassTransit's message initializers do.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="values">The object, such as one of an anonymous type.</param>
    /// <param name="pipe">Sets the message's headers, ids, key and partition.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    public static async Task Produce<T>(
        this ITopicProducer<T> producer, object values, IPipe<StreamSendContext<T>> pipe, CancellationToken cancellationToken = default)
        where T : class
    {
        var (message, initialize) = await MessageInitializerCache<T>.InitializeMessage(values, cancellationToken).ConfigureAwait(false);
        await producer.Produce(message, new Both<T>(initialize, pipe), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a message with a key that is made of an object's properties, as MassTransit's message initializers do.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="key">The key.</param>
    /// <param name="values">The object, such as one of an anonymous type.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    public static Task Produce<TKey, T>(
        this ITopicProducer<TKey, T> producer, TKey key, object values, CancellationToken cancellationToken = default)
        where TKey : notnull
        where T : class =>
        producer.Produce(key, values, Pipe.Empty<StreamSendContext<T>>(), cancellationToken);

    /// <summary>Writes a message with a key that is made of an object's properties, as MassTransit's message initializers do.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="key">The key.</param>
    /// <param name="values">The object, such as one of an anonymous type.</param>
    /// <param name="pipe">Sets the message's headers, ids and partition.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    public static async Task Produce<TKey, T>(
        this ITopicProducer<TKey, T> producer, TKey key, object values, IPipe<StreamSendContext<T>> pipe,
        CancellationToken cancellationToken = default)
        where TKey : notnull
        where T : class
    {
        var (message, initialize) = await MessageInitializerCache<T>.InitializeMessage(values, cancellationToken).ConfigureAwait(false);
        await producer.Produce(key, message, new Both<T>(initialize, pipe), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What an initializer says about a message, such as its headers, and what its producer does.</summary>
    sealed class Both<T>(IPipe<SendContext<T>> first, IPipe<StreamSendContext<T>> second) : IPipe<StreamSendContext<T>>
        where T : class
    {
        public async Task Send(StreamSendContext<T> context)
        {
            await first.Send(context).ConfigureAwait(false);
            await second.Send(context).ConfigureAwait(false);
        }

        public void Probe(ProbeContext context)
        {
            first.Probe(context);
            second.Probe(context);
        }
    }
}
