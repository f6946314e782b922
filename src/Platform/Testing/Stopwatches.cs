namespace Maestro.Bus.Testing;

/// <summary>A clock and a stopwatch that stand still until a test moves them, together or each by itself. Timers are real ones.</summary>
public sealed class Stopwatches : TimeProvider
{
    readonly Lock _lock = new();
    DateTimeOffset _now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    long _ticks;

    /// <summary>The time that the clock shows; set it, and the clock is wrong by the stopwatch.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_lock)
                return _now;
        }
        set
        {
            lock (_lock)
                _now = value;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp()
    {
        lock (_lock)
            return _ticks;
    }

    /// <summary>Lets the stopwatch go on.</summary>
    public void Pass(TimeSpan time)
    {
        lock (_lock)
            _ticks += time.Ticks;
    }

    /// <summary>Lets the clock and the stopwatch go on.</summary>
    public void Advance(TimeSpan time)
    {
        lock (_lock)
        {
            _now += time;
            _ticks += time.Ticks;
        }
    }
}
