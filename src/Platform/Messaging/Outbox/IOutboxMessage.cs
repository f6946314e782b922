namespace Maestro.Bus.Messaging;

/// <summary>A message that has waited in the outbox and is being sent.</summary>
public interface IOutboxMessage
{
    /// <summary>The message's own id, which its receivers' inbox knows it by.</summary>
    Guid MessageId { get; }

    /// <summary>What the message is kept in order by.</summary>
    string OrderingKey { get; }

    /// <summary>The serialized message, as it goes over the wire.</summary>
    byte[] Body { get; }

    /// <summary>
    /// Gives a message that is being sent everything this one was written with: ids, addresses, headers, the serialized body, and what is
    /// left of a delay.
    /// </summary>
    void CopyTo(SendContext context, TimeProvider time);
}
