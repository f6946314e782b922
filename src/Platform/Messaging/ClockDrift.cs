namespace Maestro.Bus.Messaging;

/// <summary>
/// Tells by how much the clock is set. What is kept for longer than the process goes by it, and it may be wrong for a while.
/// </summary>
/// <param name="time">The clock and the stopwatch.</param>
public sealed class ClockDrift(TimeProvider time)
{
    /// <summary>Clocks that are in order differ by less, and are set by less.</summary>
    public static readonly TimeSpan Largest = TimeSpan.FromMinutes(1);

    TimeSpan _ahead = Ahead(time);

    /// <summary>
    /// Gets by how much the clock has gone otherwise than the stopwatch since the last look, or since the start: negative if it was set
    /// back. A difference of up to <see cref="Largest"/> is none.
    /// </summary>
    public TimeSpan Look()
    {
        var before = _ahead;
        _ahead = Ahead(time);
        var drift = _ahead - before;
        return drift.Duration() > Largest ? drift : TimeSpan.Zero;
    }

    static TimeSpan Ahead(TimeProvider time) => time.GetUtcNow() - DateTimeOffset.UnixEpoch - time.Monotonic();
}
