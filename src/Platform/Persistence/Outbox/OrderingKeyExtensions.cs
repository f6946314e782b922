namespace Maestro.Bus.Persistence;

/// <summary>Says what messages are kept in order by on their way through the outbox.</summary>
public static class OrderingKeyExtensions
{
    /// <summary>
    /// Keeps this message in order with those of the same key, whichever transaction wrote them. Without it the transport's partition key
    /// counts, then the correlation id; messages that have neither keep the order of their own transaction. A message that does not go
    /// through an outbox ignores it.
    /// </summary>
    public static void SetOrderingKey(this SendContext context, string orderingKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(orderingKey);
        context.AddOrUpdatePayload(() => new OrderingKey(orderingKey), _ => new OrderingKey(orderingKey));
    }

    internal static string OrderingKey(this SendContext context, Guid transaction) =>
        context.TryGetPayload(out OrderingKey? key) ? key.Value
        : context.TryGetPayload(out PartitionKeySendContext? partitioned) && !string.IsNullOrEmpty(partitioned.PartitionKey)
            ? partitioned.PartitionKey
        : (context.ScheduledMessageId ?? context.CorrelationId ?? transaction).ToString("n");
}

sealed record OrderingKey(string Value);
