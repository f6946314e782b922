using System.Collections.Concurrent;

namespace Maestro.Bus.Messaging;

/// <summary>The queues of this process whose dead letters are kept.</summary>
public sealed class DeadLetterQueues
{
    readonly ConcurrentDictionary<string, bool> _queues = new(StringComparer.Ordinal);

    /// <summary>The queues, in the order of their names. Complete once the bus has been made.</summary>
    public IReadOnlyList<string> Queues => [.. _queues.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The queue that holds the dead letters of a queue.</summary>
    public static string Of(string queue) => DeadLetterQueueNames.Of(queue);

    internal void Add(string queue) => _queues[queue] = true;
}
