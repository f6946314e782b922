namespace Maestro.Bus.Persistence;

/// <summary>Handles messages of one ordering key one after the other, and those of different keys at the same time.</summary>
sealed class Lanes(Func<WaitingMessage, Task> handle)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, Queue<WaitingMessage>?> _waiting = new(StringComparer.Ordinal);

    /// <summary>Adds a message behind those of its key; starts with it at once if there are none.</summary>
    public void Add(WaitingMessage message)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(message.OrderingKey, out var queue))
            {
                if (queue is null)
                    _waiting[message.OrderingKey] = queue = new Queue<WaitingMessage>();

                queue.Enqueue(message);
                return;
            }

            _waiting[message.OrderingKey] = null;
        }

        _ = Run(message);
    }

    async Task Run(WaitingMessage message)
    {
        for (WaitingMessage? next = message; next is not null; next = After(next))
            await handle(next);
    }

    WaitingMessage? After(WaitingMessage message)
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
