using System.Globalization;
using System.Text;
using MassTransit.Context;

namespace MaestroBus.Riders;

/// <summary>A message on its way to a topic.</summary>
public sealed class StreamSendContext<T>(T message, CancellationToken cancellationToken) : MessageSendContext<T>(message, cancellationToken), PartitionKeySendContext
    where T : class
{
    /// <summary>The record's key: records of one key are read in the order they were written in. None for the message's correlation id.</summary>
    public string? Key { get; set; }

    /// <summary>The partition; none to have the key decide.</summary>
    public int? Partition { get; set; }

    /// <summary>The key of a record that comes from a topic, which need not be a text.</summary>
    internal byte[]? KeyBytes { get; private set; }

    /// <summary>The bytes of the key.</summary>
    internal byte[]? KeyOrNone => KeyBytes ?? (Key is null ? null : Encoding.UTF8.GetBytes(Key));

    /// <summary>Has a message without a key be kept in order with those that belong together with it.</summary>
    internal void Complete() => Key ??= CorrelationId?.ToString();

    string? PartitionKeySendContext.PartitionKey
    {
        get => Key;
        set => Key = value;
    }

    /// <inheritdoc />
    public override void WritePropertiesTo(IDictionary<string, object> properties)
    {
        base.WritePropertiesTo(properties);
        if (Key is not null)
            properties[nameof(Key)] = Key;
        if (Partition is { } partition)
            properties[nameof(Partition)] = partition.ToString(CultureInfo.InvariantCulture);
    }

    /// <inheritdoc />
    public override void ReadPropertiesFrom(IReadOnlyDictionary<string, object> properties)
    {
        base.ReadPropertiesFrom(properties);
        Key = ReadString(properties, nameof(Key));
        KeyBytes = properties.TryGetValue(RecordDeadLetter.Key, out var key) ? key as byte[] : null;
        Partition = int.TryParse(ReadString(properties, nameof(Partition)), CultureInfo.InvariantCulture, out var partition) ? partition : null;
    }
}
