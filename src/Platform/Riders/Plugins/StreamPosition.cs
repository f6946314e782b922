namespace Maestro.Bus.Riders;

/// <summary>A place in a topic's partitions.</summary>
public sealed class StreamPosition
{
    StreamPosition()
    {
    }

    /// <summary>The oldest record that is there.</summary>
    public static StreamPosition Earliest { get; } = new();

    /// <summary>Behind the newest record.</summary>
    public static StreamPosition Latest { get; } = new();

    /// <summary>The time, for a position that is one.</summary>
    public DateTimeOffset? Time { get; private init; }

    /// <summary>The offset, for a position that is one.</summary>
    public long? Offset { get; private init; }

    /// <summary>The partition that the offset belongs to; none for all of them.</summary>
    public int? Partition { get; private init; }

    /// <summary>The first record written at or after a time.</summary>
    public static StreamPosition At(DateTimeOffset time) => new() { Time = time };

    /// <summary>The record with an offset, or the next one that is there.</summary>
    /// <param name="offset">The offset.</param>
    /// <param name="partition">The partition; none for the same offset in each.</param>
    public static StreamPosition At(long offset, int? partition = null) => new() { Offset = offset, Partition = partition };
}
