namespace Maestro.Bus.Messaging;

/// <summary>
/// A message that has failed for good, as it comes into the store. Whatever has one hands it to <see cref="IDeadLetterIntake.Add"/>.
/// </summary>
public sealed record DeadLetter
{
    /// <summary>
    /// What this dead letter is known by where it comes from, such as a topic with partition and offset: one that is added again under the
    /// same key is there already.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>Where the message was, in a person's words: a queue or a topic.</summary>
    public required string Queue { get; init; }

    /// <summary>
    /// The address that the message goes to when it is sent again, such as <c>queue:orders</c>. One that is not the bus's own, such as
    /// <c>kafka:orders</c>, needs an <see cref="IOutboxTransport"/> that knows it.
    /// </summary>
    public required Uri Address { get; init; }

    /// <summary>The message's own id; none where it has none or cannot be read.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>The message's type, as its URN or in the sender's own words.</summary>
    public string? MessageType { get; init; }

    /// <summary>Why it is here; one of <see cref="DeadLetterReason"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>The innermost exception's type.</summary>
    public string? ExceptionType { get; init; }

    /// <summary>The innermost exception's message.</summary>
    public string? ExceptionMessage { get; init; }

    /// <summary>The whole exception with its inner ones and all stack traces.</summary>
    public string? Detail { get; init; }

    /// <summary>How often it has been tried.</summary>
    public int Attempts { get; init; }

    /// <summary>When the first attempt failed.</summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>When it failed for good.</summary>
    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>The message's tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>The body's content type; none where nobody has said.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// All the message's headers in the types that <see cref="ReceivedContent.Headers"/> names, those that tell of the failure among them.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Headers { get; init; } = new Dictionary<string, object?>();

    /// <summary>What the transport keeps beside the headers, such as a routing key or a partition key, by its own names.</summary>
    public IReadOnlyDictionary<string, object?> Properties { get; init; } = new Dictionary<string, object?>();

    /// <summary>The ids and addresses that some transports keep outside of the body.</summary>
    public DeadLetterIds Ids { get; init; } = DeadLetterIds.None;

    /// <summary>The body, byte for byte.</summary>
    public required byte[] Body { get; init; }
}

/// <summary>The ids, addresses and types of a message that some transports keep outside of its body.</summary>
public sealed record DeadLetterIds(
    Guid? CorrelationId = null,
    Guid? ConversationId = null,
    Guid? RequestId = null,
    Guid? InitiatorId = null,
    Uri? SourceAddress = null,
    Uri? ResponseAddress = null,
    Uri? FaultAddress = null,
    IReadOnlyList<string>? MessageTypes = null)
{
    /// <summary>A message that has none.</summary>
    public static DeadLetterIds None { get; } = new();
}
