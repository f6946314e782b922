namespace Maestro.Bus.Persistence;

/// <summary>A message that waits in the outbox until it has been sent.</summary>
public sealed class WaitingMessage : IOutboxMessage
{
    /// <summary>The place in the outbox: messages of one ordering key are sent in this order.</summary>
    public long Sequence { get; internal set; }

    /// <summary>What the message is kept in order by.</summary>
    public required string OrderingKey { get; init; }

    /// <summary>Where the message goes.</summary>
    public required string Destination { get; init; }

    /// <summary>The message's own id, which its receivers' inbox knows it by.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The serialized message, as it goes over the wire.</summary>
    public required byte[] Body { get; init; }

    /// <summary>How often it could not be sent.</summary>
    public int Attempts { get; internal init; }

    internal byte[] Metadata { get; init; } = [];

    internal short Partition { get; init; }

    internal bool IsParked { get; init; }

    /// <summary>
    /// Gives a message that is being sent everything this one was written with: ids, addresses, headers, the serialized body, and what is
    /// left of a delay.
    /// </summary>
    public void CopyTo(SendContext context, TimeProvider time) => OutboxMetadata.Read(this, context, time);
}
