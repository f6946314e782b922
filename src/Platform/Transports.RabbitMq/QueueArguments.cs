namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// What queues are declared with. What the broker itself takes out of a queue, because it has delivered it too often or because of a policy
/// of the broker's, it moves to the queue's dead letters; on quorum queues without losing it on the way.
/// </summary>
static class QueueArguments
{
    const string DeadLetterSuffix = "-dlq";
    const string Limit = "x-delivery-limit";

    // Dead letters stay where they are, however often they are delivered. Without a limit of their own they have the broker's, which is 20
    // since version 4.
    const int NoLimit = 1_000_000_000;

    const int KeptFor = 3_600_000;

    /// <summary>The queue that takes what the broker takes out of another one; none for a queue of dead letters.</summary>
    public static string? DeadLettersOf(string queue) =>
        queue.EndsWith(DeadLetterSuffix, StringComparison.Ordinal) ? null : queue + DeadLetterSuffix;

    /// <summary>
    /// The arguments of a queue that keeps what another one has missed, for an hour: when that is gone for good, this one must not grow
    /// without end.
    /// </summary>
    public static Dictionary<string, object> OfUnrouted(RabbitMqQueueType type)
    {
        var arguments = new Dictionary<string, object> { ["x-message-ttl"] = KeptFor };
        if (type == RabbitMqQueueType.Quorum)
            (arguments["x-queue-type"], arguments[Limit]) = ("quorum", NoLimit);

        return arguments;
    }

    /// <summary>A queue's arguments.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="deliveryLimit">How often it delivers a message; 0 for as often as the broker's own limit or policy says.</param>
    public static IReadOnlyDictionary<string, object> Of(string queue, RabbitMqQueueType type, int deliveryLimit)
    {
        var arguments = new Dictionary<string, object>();
        var deadLetters = DeadLettersOf(queue);

        if (type == RabbitMqQueueType.Quorum)
        {
            arguments["x-queue-type"] = "quorum";
            if (deadLetters is null)
                arguments[Limit] = NoLimit;
            else if (deliveryLimit > 0)
                arguments[Limit] = deliveryLimit;
        }
        else
        {
            arguments["x-max-priority"] = MessagePriority.Highest;
        }

        if (deadLetters is null)
            return arguments;

        arguments["x-dead-letter-exchange"] = "";
        arguments["x-dead-letter-routing-key"] = deadLetters;

        if (type == RabbitMqQueueType.Quorum)
        {
            arguments["x-dead-letter-strategy"] = "at-least-once";
            arguments["x-overflow"] = "reject-publish";
        }

        return arguments;
    }
}
