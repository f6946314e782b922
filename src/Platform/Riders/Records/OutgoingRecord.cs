namespace Maestro.Bus.Riders;

/// <summary>A record to write.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Key">Its key; none to have the records spread over the partitions.</param>
/// <param name="Value">Its bytes.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Partition">The partition; none to have the key decide.</param>
/// <param name="Timestamp">When it was written; none for now.</param>
public sealed record OutgoingRecord(
    string Topic, byte[]? Key, byte[]? Value, RecordHeaders Headers, int? Partition = null, DateTimeOffset? Timestamp = null);
