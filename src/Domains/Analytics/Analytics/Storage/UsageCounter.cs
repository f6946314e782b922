namespace MaestroBus.Analytics;

/// <summary>What a tenant has used of one message type in one hour. The times are universal.</summary>
public sealed class UsageCounter
{
    public required string TenantId { get; init; }

    public required DateTime Hour { get; init; }

    public required string MessageType { get; init; }

    public required long Count { get; init; }

    public required DateTime LastAt { get; init; }
}

/// <summary>A message that has been counted, so that it is not counted again when it is delivered again.</summary>
public sealed class CountedMessage
{
    public required Guid MessageId { get; init; }

    public required DateTime CountedAt { get; init; }
}
