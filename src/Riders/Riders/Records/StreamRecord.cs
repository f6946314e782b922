namespace MaestroBus.Riders;

/// <summary>A record that was read from a topic.</summary>
public sealed class StreamRecord(StreamPartition partition, long offset, byte[]? key, byte[]? value, RecordHeaders headers, DateTimeOffset timestamp)
{
    /// <summary>The topic and partition it was read from.</summary>
    public StreamPartition Partition { get; } = partition;

    /// <summary>Its place in the partition; later ones are greater.</summary>
    public long Offset { get; } = offset;

    /// <summary>Its key; none where it was written without one.</summary>
    public byte[]? Key { get; } = key;

    /// <summary>Its bytes; none for a record that only says that its key is gone.</summary>
    public byte[]? Value { get; } = value;

    /// <summary>Its headers.</summary>
    public RecordHeaders Headers { get; } = headers;

    /// <summary>When it was written.</summary>
    public DateTimeOffset Timestamp { get; } = timestamp;

    internal PartitionProgress? Progress { get; set; }

    internal FlowingPump? Pump { get; set; }

    internal Action<bool>? Finished { get; set; }

    internal RecordState State { get; set; }

    /// <summary>The stay of its partition with this member, in which it was read.</summary>
    internal PartitionProgress? Stay { get; set; }

    /// <summary>Whether it was read because its topic's name matches a pattern.</summary>
    internal bool IsOfPattern { get; set; }

    internal IStreamTransaction? Transaction { get; set; }

    /// <summary>What is written because of it within its transaction, once it is handled.</summary>
    internal RecordResults? Results { get; set; }
}
