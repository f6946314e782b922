using System.Globalization;

namespace Maestro.Bus.Riders;

/// <summary>A record that was read from a topic.</summary>
public sealed class StreamRecord
{
    readonly long? _unixTime;

    /// <summary>Makes a record.</summary>
    public StreamRecord(StreamPartition partition, long offset, byte[]? key, byte[]? value, RecordHeaders headers, DateTimeOffset timestamp)
    {
        Partition = partition;
        Offset = offset;
        Key = key;
        Value = value;
        Headers = headers;
        Timestamp = timestamp;
    }

    /// <summary>Makes a record of what a broker has, which may be any number of milliseconds.</summary>
    /// <param name="partition">The topic and partition.</param>
    /// <param name="offset">Its place there.</param>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its bytes.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="unixTime">When it was written, in milliseconds since 1970; what is outside of the years 1 to 9999 is kept as the number
    /// it is.</param>
    public StreamRecord(StreamPartition partition, long offset, byte[]? key, byte[]? value, RecordHeaders headers, long unixTime)
        : this(partition, offset, key, value, headers, Time(unixTime))
    {
        if (Timestamp.ToUnixTimeMilliseconds() != unixTime)
            _unixTime = unixTime;
    }

    /// <summary>The topic and partition it was read from.</summary>
    public StreamPartition Partition { get; }

    /// <summary>Its place in the partition; later ones are greater.</summary>
    public long Offset { get; }

    /// <summary>Its key; none where it was written without one.</summary>
    public byte[]? Key { get; }

    /// <summary>Its bytes; none for a record that only says that its key is gone.</summary>
    public byte[]? Value { get; }

    /// <summary>Its headers.</summary>
    public RecordHeaders Headers { get; }

    /// <summary>When it was written: the first or last time there is, where its number stands for none.</summary>
    public DateTimeOffset Timestamp { get; }

    /// <summary>When it was written, as a text: the number that it is, where it stands for no time.</summary>
    internal string TimestampText =>
        _unixTime?.ToString(CultureInfo.InvariantCulture) ?? Timestamp.ToString("O", CultureInfo.InvariantCulture);

    internal PartitionProgress? Progress { get; set; }

    internal FlowingPump? Pump { get; set; }

    internal RecordState State { get; set; }

    /// <summary>The stay of its partition with this member, in which it was read.</summary>
    internal PartitionProgress? Stay { get; set; }

    /// <summary>Whether it was read because its topic's name matches a pattern.</summary>
    internal bool IsOfPattern { get; set; }

    /// <summary>The transaction that it is worked on in.</summary>
    internal TransactionWork? Work { get; set; }

    /// <summary>The topics that have refused a copy of it because of its size, in a transaction that was given up for that.</summary>
    internal HashSet<string>? RefusedBy { get; set; }

    /// <summary>What is written because of it within its transaction, once it is handled.</summary>
    internal RecordResults? Results { get; set; }

    /// <summary>The same record, not yet worked on, in the same stay of its partition.</summary>
    internal StreamRecord Again() => _unixTime is { } unixTime
        ? new(Partition, Offset, Key, Value, Headers, unixTime) { Stay = Stay, IsOfPattern = IsOfPattern }
        : new(Partition, Offset, Key, Value, Headers, Timestamp) { Stay = Stay, IsOfPattern = IsOfPattern };

    static DateTimeOffset Time(long unixTime) => DateTimeOffset.FromUnixTimeMilliseconds(
        Math.Clamp(unixTime, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
}
