namespace Maestro.Bus.Riders;

/// <summary>Reads a record's key and place where its message is consumed.</summary>
public static class KeyExtensions
{
    /// <summary>
    /// The key of the record that is consumed: as the endpoint declares to read it, or as <see cref="RecordKey.FromBytes{TKey}"/> does.
    /// </summary>
    /// <exception cref="UnreadableRecordException">The record has none, or one of another kind; it goes to the dead letters.</exception>
    /// <exception cref="InvalidOperationException">The message does not come from a topic.</exception>
    public static TKey GetKey<TKey>(this ConsumeContext context)
        where TKey : notnull
    {
        if (!context.TryGetPayload(out StreamRecord? record))
            throw new InvalidOperationException("The message does not come from a topic, and has no key.");

        return context.TryGetPayload(out StreamEndpointContext? endpoint) && endpoint.Settings.KeyReader is Func<StreamRecord, TKey> read
            ? read(record) : RecordKey.FromBytes<TKey>(record.Key ?? throw Missing<TKey>());
    }

    /// <summary>The partition of the record that is consumed; null where the message does not come from a topic.</summary>
    public static int? Partition(this ConsumeContext context) =>
        context.TryGetPayload(out StreamRecord? record) ? record.Partition.Number : null;

    /// <summary>The offset of the record that is consumed; null where the message does not come from a topic.</summary>
    public static long? Offset(this ConsumeContext context) => context.TryGetPayload(out StreamRecord? record) ? record.Offset : null;

    internal static UnreadableRecordException Missing<TKey>() =>
        new($"It has no key, and one of the type {typeof(TKey).Name} is expected.");
}
