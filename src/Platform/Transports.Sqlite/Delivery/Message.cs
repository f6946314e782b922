namespace Maestro.Bus.Transports.Sqlite;

/// <summary>A message on its way in, and while one of this process's receivers holds it.</summary>
sealed class Message : SqlTransportMessage
{
    public Guid? SchedulingTokenId { get; init; }

    public long? Expires { get; init; }

    /// <summary>How many queues have it.</summary>
    public int Deliveries { get; set; } = 1;

    public long QueueId { get; set; }

    /// <summary>The number of the lock within this process.</summary>
    public long Lock { get; set; }

    /// <summary>
    /// When the lock ends unless the consumer renews it, by the stopwatch. It counts from when the consumer has the message.
    /// </summary>
    public long LockedUntil { get; set; } = long.MaxValue;

    /// <summary>Whether the transaction at hand, or one before it, has taken the message from its receiver.</summary>
    public bool IsSettled { get; set; }

    /// <summary>How many processes have ended while they handled the message alone; null for a message that is not a suspect.</summary>
    public int? Deaths { get; set; }

    /// <summary>The message as a suspect; null for nearly all messages.</summary>
    public SqliteSuspect? Suspect { get; set; }

    /// <summary>The same message for one more queue.</summary>
    public Message Copy() => (Message)MemberwiseClone();
}
