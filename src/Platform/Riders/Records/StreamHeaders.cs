namespace Maestro.Bus.Riders;

/// <summary>
/// The names of the headers that the engine itself writes. Those that begin with <c>MT-</c> do not follow from a record to what is sent
/// because of it.
/// </summary>
public static class StreamHeaders
{
    /// <summary>The topic that a record in a retry or dead-letter topic comes from.</summary>
    public const string Topic = "MT-Stream-Topic";

    /// <summary>The partition it comes from.</summary>
    public const string Partition = "MT-Stream-Partition";

    /// <summary>Its offset there.</summary>
    public const string Offset = "MT-Stream-Offset";

    /// <summary>When it was written there.</summary>
    public const string Timestamp = "MT-Stream-Timestamp";

    /// <summary>The group that could not handle it.</summary>
    public const string Group = "MT-Stream-Group";

    /// <summary>When a record in a retry topic is to be handled again.</summary>
    public const string Due = "MT-Stream-Due";

    /// <summary>When it was put there, by the same clock.</summary>
    public const string Delayed = "MT-Stream-Delayed";

    /// <summary>
    /// On a dead letter that is sent back to its topic: the group that it is for. The bus's other groups have handled it before, and pass
    /// it over.
    /// </summary>
    public const string For = "MT-Stream-For";

    /// <summary>Where a dead letter is shown: the record's key.</summary>
    internal const string Key = "MT-Stream-Key";

    /// <summary>The trace context of the W3C, as foreign programs write it.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>The trace state of the W3C.</summary>
    public const string TraceState = "tracestate";

    internal const string ActivityId = "MT-Activity-Id";

    const string Prefix = "MT-Stream-";

    /// <summary>Whether a header tells where a record has been, and not about the message.</summary>
    internal static bool AreOfRecord(string name) => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a header holds one of the ids, addresses and types that a message itself has.</summary>
    internal static bool AreOfMessage(string name) => OfMessage.Contains(name);

    static readonly HashSet<string> OfMessage = new(
        [
            MessageHeaders.ContentType, MessageHeaders.MessageType, MessageHeaders.MessageId, MessageHeaders.ConversationId,
            MessageHeaders.CorrelationId, MessageHeaders.InitiatorId,
            MessageHeaders.RequestId, MessageHeaders.ResponseAddress, MessageHeaders.FaultAddress, MessageHeaders.SourceAddress,
        ],
        StringComparer.OrdinalIgnoreCase);
}
