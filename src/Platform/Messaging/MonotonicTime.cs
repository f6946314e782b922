namespace Maestro.Bus.Messaging;

/// <summary>Reads the stopwatch of a <see cref="TimeProvider"/> as a time.</summary>
public static class MonotonicTime
{
    /// <summary>
    /// Gets the time since some fixed point, by the stopwatch. Use it for whatever is due within this process: a clock that is set, or is
    /// wrong for a while, does not move it.
    /// </summary>
    /// <param name="time">The stopwatch.</param>
    public static TimeSpan Monotonic(this TimeProvider time) => time.GetElapsedTime(0);
}
