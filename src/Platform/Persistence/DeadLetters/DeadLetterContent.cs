namespace Maestro.Bus.Persistence;

/// <summary>A dead letter as a whole.</summary>
/// <param name="Letter">What the lists show of it.</param>
/// <param name="Detail">The whole exception with all stack traces.</param>
/// <param name="ContentType">The body's content type.</param>
/// <param name="Headers">All headers, as they came.</param>
/// <param name="Properties">What the broker keeps beside the headers, by the transport's own names.</param>
/// <param name="Body">The body, byte for byte.</param>
public sealed record DeadLetterContent(
    StoredDeadLetter Letter,
    string? Detail,
    string? ContentType,
    IReadOnlyDictionary<string, object?> Headers,
    IReadOnlyDictionary<string, object?> Properties,
    byte[] Body);
