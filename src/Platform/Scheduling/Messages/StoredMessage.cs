namespace MaestroBus.Scheduling;

/// <summary>A message that waits for its time: its serialized body, and what it needs to be sent as if it were sent then.</summary>
sealed record StoredMessage
{
    public required Uri Destination { get; init; }

    public required string Body { get; init; }

    public required string ContentType { get; init; }

    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>Simple values as text; the receivers read them back as what they ask for.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public Guid? MessageId { get; init; }

    public Guid? CorrelationId { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? InitiatorId { get; init; }

    public Guid? RequestId { get; init; }

    public Uri? ResponseAddress { get; init; }

    public Uri? FaultAddress { get; init; }

    public DateTimeOffset? Expires { get; init; }
}
