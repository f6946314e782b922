using System.Text.Json;

namespace Maestro.Bus.Scheduling;

/// <summary>A message that waits for its time: its serialized body, and what it needs to be sent as if it were sent then.</summary>
sealed record StoredMessage
{
    public required Uri Destination { get; init; }

    public required string Body { get; init; }

    public required string ContentType { get; init; }

    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>Texts; the receivers read them back as what they ask for.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Headers with their types, as the outbox writes them.</summary>
    public IReadOnlyDictionary<string, JsonElement> TypedHeaders { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>What the transport keeps beside the headers, such as routing key and priority, by its own names.</summary>
    public IReadOnlyDictionary<string, JsonElement> Properties { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The routing key of a transport that keeps no properties.</summary>
    public string? RoutingKey { get; init; }

    public Guid? MessageId { get; init; }

    public Guid? CorrelationId { get; init; }

    public Guid? ConversationId { get; init; }

    public Guid? InitiatorId { get; init; }

    public Guid? RequestId { get; init; }

    public Uri? SourceAddress { get; init; }

    public Uri? ResponseAddress { get; init; }

    public Uri? FaultAddress { get; init; }

    public DateTimeOffset? Expires { get; init; }
}
