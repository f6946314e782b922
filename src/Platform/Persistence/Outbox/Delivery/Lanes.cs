namespace MaestroBus.Persistence;

/// <summary>Handles messages of one ordering key one after the other, and those of different keys at the same time.</summary>
sealed class Lanes(Func<OutboxMessage, Task> handle)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, Queue<OutboxMessage>?> _waiting = new(StringComparer.Ordinal);

    /// <summary>Adds a message behind those of its key; starts with it at once if there are none.</summary>
    public void Add(OutboxMessage message)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(message.OrderingKey, out var queue))
            {
                if (queue is null)
                    _waiting[message.OrderingKey] = queue = new Queue<OutboxMessage>();

                queue.Enqueue(message);
                return;
            }

            _waiting[message.OrderingKey] = null;
        }

        _ = Run(message);
    }

    async Task Run(OutboxMessage message)
    {
        for (OutboxMessage? next = message; next is not null; next = After(next))
            await handle(next);
    }

    OutboxMessage? After(OutboxMessage message)
    {
        lock (_lock)
        {
            if (_waiting[message.OrderingKey]?.TryDequeue(out var next) == true)
                return next;

            _waiting.Remove(message.OrderingKey);
            return null;
        }
    }
}
