namespace Maestro.Bus.Riders;

/// <summary>
/// Writes messages to a topic. Within a consumer or a request with an outbox they go out with its commit; within a transactional endpoint
/// with its transaction; otherwise a call completes when the broker has the message safe.
/// </summary>
public interface ITopicProducer<TValue>
    where TValue : class
{
    /// <summary>Writes a message. Its key is what the producer is configured with, or its correlation id.</summary>
    Task Produce(TValue message, CancellationToken cancellationToken = default);

    /// <summary>Writes a message with a key: those of one key are read in the order they were written in.</summary>
    Task Produce(string key, TValue message, CancellationToken cancellationToken = default);

    /// <summary>Writes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="pipe">Sets its headers, ids, key and partition, such as by <c>Pipe.Execute</c>.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    Task Produce(TValue message, IPipe<StreamSendContext<TValue>> pipe, CancellationToken cancellationToken = default);
}

/// <summary>Writes messages with a key to a topic.</summary>
public interface ITopicProducer<in TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    /// <summary>Writes a message with a key: those of one key are read in the order they were written in.</summary>
    Task Produce(TKey key, TValue message, CancellationToken cancellationToken = default);

    /// <summary>Writes a message with a key.</summary>
    /// <param name="key">The key; it is written as <see cref="RecordKey.ToBytes{TKey}"/> does, unless the producer declares another
    /// way.</param>
    /// <param name="message">The message.</param>
    /// <param name="pipe">Sets its headers, ids and partition.</param>
    /// <param name="cancellationToken">Gives up waiting; the message may be written nevertheless.</param>
    Task Produce(TKey key, TValue message, IPipe<StreamSendContext<TValue>> pipe, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes a record without a value, which says that its key is gone: a compacted topic drops all records of the key. Within a
    /// transactional endpoint it is part of the transaction; an outbox does not hold it back.
    /// </summary>
    Task ProduceTombstone(TKey key, CancellationToken cancellationToken = default);
}
