namespace Maestro.Bus.Riders.Kafka;

/// <summary>A message on its way to a topic, for send pipes: its ids, headers and partition.</summary>
public interface KafkaSendContext : SendContext
{
    /// <summary>The partition; <see cref="Confluent.Kafka.Partition.Any"/> to have the key decide.</summary>
    Partition Partition { get; set; }
}

/// <summary>A message of a type on its way to a topic.</summary>
public interface KafkaSendContext<T> : SendContext<T>, KafkaSendContext
    where T : class
{
    /// <summary>
    /// Writes the record's value in place of JSON; with null as its result the record says that its key is gone. The content type is then
    /// <c>application/octet-stream</c>, unless the context's own is set.
    /// </summary>
    IAsyncSerializer<T> ValueSerializer { get; set; }
}

/// <summary>A message with a key on its way to a topic.</summary>
public interface KafkaSendContext<TKey, T> : KafkaSendContext<T>
    where T : class
{
    /// <summary>The key; null for the message's correlation id.</summary>
    TKey Key { get; set; }

    /// <summary>Writes the key; without one of its own, as <see cref="RecordKey.ToBytes{TKey}"/> does.</summary>
    IAsyncSerializer<TKey> KeySerializer { get; set; }
}
