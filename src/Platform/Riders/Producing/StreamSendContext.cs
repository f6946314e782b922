using System.Globalization;
using System.Text;
using MassTransit.Context;

namespace Maestro.Bus.Riders;

/// <summary>A message on its way to a topic. A plug-in may derive from it to show send pipes what is special to its own records.</summary>
public class StreamSendContext<T>(T message, CancellationToken cancellationToken)
    : MessageSendContext<T>(message, cancellationToken), PartitionKeySendContext
    where T : class
{
    /// <summary>
    /// The record's key: records of one key are read in the order they were written in. None for the message's correlation id.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>The partition; none to have the key decide.</summary>
    public int? Partition { get; set; }

    /// <summary>The record's key where it is no text; it wins over <see cref="Key"/>.</summary>
    public byte[]? KeyBytes { get; set; }

    /// <summary>Whether the record has no value, which says that its key is gone.</summary>
    public bool IsTombstone { get; internal set; }

    /// <summary>The bytes of the key.</summary>
    internal byte[]? KeyOrNone => KeyBytes ?? (Key is null ? null : Encoding.UTF8.GetBytes(Key));

    /// <summary>The bytes of the value; none where the record says that its key is gone.</summary>
    internal byte[]? ValueOrNone => IsTombstone ? null : Body.GetBytes();

    /// <summary>All headers of a record that goes back to its topic, in their order; null to make them of the message.</summary>
    internal RecordHeaders? AllHeaders { get; set; }

    string? PartitionKeySendContext.PartitionKey
    {
        get => KeyBytes is null ? Key : Convert.ToBase64String(KeyBytes);
        set => Key = value;
    }

    /// <inheritdoc />
    public override void WritePropertiesTo(IDictionary<string, object> properties)
    {
        base.WritePropertiesTo(properties);
        if (Key is not null)
            properties[nameof(Key)] = Key;
        if (KeyBytes is not null)
            properties[nameof(KeyBytes)] = Convert.ToBase64String(KeyBytes);
        if (Partition is { } partition)
            properties[nameof(Partition)] = partition.ToString(CultureInfo.InvariantCulture);
        if (IsTombstone)
            properties[nameof(IsTombstone)] = true;
    }

    /// <inheritdoc />
    public override void ReadPropertiesFrom(IReadOnlyDictionary<string, object> properties)
    {
        base.ReadPropertiesFrom(properties);
        Key = ReadString(properties, nameof(Key));
        KeyBytes = ReadString(properties, nameof(KeyBytes)) is { Length: > 0 } text ? Convert.FromBase64String(text)
            : properties.TryGetValue(RecordDeadLetter.Key, out var key) ? key as byte[]
            : null;
        Partition = int.TryParse(ReadString(properties, nameof(Partition)), CultureInfo.InvariantCulture, out var partition)
            ? partition
            : null;
        IsTombstone = ReadBoolean(properties, nameof(IsTombstone));
    }

    /// <summary>Sets the key that a producer with typed keys is given.</summary>
    /// <param name="key">The key.</param>
    /// <param name="write">Writes it, unless the context has its own way.</param>
    protected internal virtual void SetKey<TKey>(TKey key, Func<TKey, byte[]> write)
        where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(write);
        KeyBytes = write(key);
    }

    /// <summary>Writes key and value as they are to be in the record, once all pipes have seen the message.</summary>
    protected internal virtual ValueTask Complete()
    {
        // A message without a key is kept in order with those that belong together with it.
        Key ??= KeyBytes is null ? CorrelationId?.ToString() : null;
        return ValueTask.CompletedTask;
    }

    /// <summary>Sets the record's value in place of the message in JSON.</summary>
    /// <param name="value">The bytes; none for a record which says that its key is gone.</param>
    protected internal void SetValue(byte[]? value)
    {
        var contentType = ContentType is { } own && !own.Equals(RecordSerializer.Instance.ContentType) ? own : WrittenValue.Binary;
        Serializer = new WrittenValue(value ?? [], contentType);
        IsTombstone = value is null;
    }
}
