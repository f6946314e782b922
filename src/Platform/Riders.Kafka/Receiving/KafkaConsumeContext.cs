namespace Maestro.Bus.Riders.Kafka;

/// <summary>Where the message that is consumed comes from: a payload of its context.</summary>
public interface KafkaConsumeContext : IRecordView
{
    /// <summary>The group that reads.</summary>
    string GroupId { get; }

    /// <summary>The topic that the record was read from.</summary>
    string Topic { get; }

    /// <summary>The record's partition.</summary>
    int Partition { get; }

    /// <summary>The record's offset.</summary>
    long Offset { get; }

    /// <summary>When the record was written.</summary>
    DateTime CheckpointUtcDateTime { get; }
}

/// <summary>Where the message that is consumed comes from, with its key.</summary>
public interface KafkaConsumeContext<out TKey> : KafkaConsumeContext
{
    /// <summary>The record's key, as the endpoint reads it; the default value of its type where the record has none.</summary>
    /// <exception cref="UnreadableRecordException">The key is of another kind; the record goes to the dead letters.</exception>
    TKey Key { get; }
}

sealed class KafkaRecordView<TKey>(StreamRecord record, string group, Func<StreamRecord, TKey> readKey) : KafkaConsumeContext<TKey>
{
    public string GroupId => group;

    public string Topic => record.Partition.Topic;

    public int Partition => record.Partition.Number;

    public long Offset => record.Offset;

    public DateTime CheckpointUtcDateTime => record.Timestamp.UtcDateTime;

    public TKey Key => readKey(record);
}
