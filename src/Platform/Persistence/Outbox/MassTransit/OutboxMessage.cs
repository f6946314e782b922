namespace Maestro.Bus.Persistence;

/// <summary>
/// A row of the table in which MassTransit 8 keeps messages until they are sent. This bus writes none: it takes over those that hosts of
/// MassTransit have left.
/// </summary>
public sealed class OutboxMessage
{
    /// <summary>The key: messages of one outbox are sent in this order.</summary>
    public long SequenceNumber { get; set; }

    /// <summary>When it is to be delivered; null if that is at once.</summary>
    public DateTime? EnqueueTime { get; set; }

    /// <summary>When it was published or sent.</summary>
    public DateTime SentTime { get; set; }

    /// <summary>The headers, a JSON object.</summary>
    public string? Headers { get; set; }

    /// <summary>The properties of the transport, a JSON object.</summary>
    public string? Properties { get; set; }

    /// <summary>The message whose consumer has sent it; null if it was published beside a context.</summary>
    public Guid? InboxMessageId { get; set; }

    /// <summary>The consumer that has sent it; null if it was published beside a context.</summary>
    public Guid? InboxConsumerId { get; set; }

    /// <summary>The outbox it belongs to; null if a consumer has sent it.</summary>
    public Guid? OutboxId { get; set; }

    /// <summary>The message's own id.</summary>
    public Guid MessageId { get; set; }

    /// <summary>What the body is in.</summary>
    public string ContentType { get; set; } = "";

    /// <summary>The message's types, separated by semicolons.</summary>
    public string MessageType { get; set; } = "";

    /// <summary>The serialized message as text; Base64 if its serializer writes bytes.</summary>
    public string Body { get; set; } = "";

    /// <summary>The conversation's id.</summary>
    public Guid? ConversationId { get; set; }

    /// <summary>The correlation id.</summary>
    public Guid? CorrelationId { get; set; }

    /// <summary>The id of the message that it was sent because of.</summary>
    public Guid? InitiatorId { get; set; }

    /// <summary>The request's id.</summary>
    public Guid? RequestId { get; set; }

    /// <summary>Where it comes from.</summary>
    public Uri? SourceAddress { get; set; }

    /// <summary>Where it goes.</summary>
    public Uri? DestinationAddress { get; set; }

    /// <summary>Where the answer goes.</summary>
    public Uri? ResponseAddress { get; set; }

    /// <summary>Where a fault goes.</summary>
    public Uri? FaultAddress { get; set; }

    /// <summary>When it is of no use any more; null if never.</summary>
    public DateTime? ExpirationTime { get; set; }
}
