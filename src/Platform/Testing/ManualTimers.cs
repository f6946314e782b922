namespace Maestro.Bus.Testing;

/// <summary>
/// A clock that stands still until a test moves it, and whose timers ring when it is moved past their time. It may be wrong by its own
/// stopwatch and timers.
/// </summary>
public sealed class ManualTimers(DateTimeOffset now) : TimeProvider
{
    readonly Lock _lock = new();
    readonly List<ManualTimer> _timers = [];
    DateTimeOffset _now = now;
    TimeSpan _error;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now.ToUniversalTime() + _error;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The stopwatch, which goes as the clock is moved.</summary>
    public override long GetTimestamp() => Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        lock (_lock)
        {
            timer.Change(dueTime, period);
            _timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Moves the clock; what is due on the way rings at its own time.</summary>
    public void Advance(TimeSpan by)
    {
        var until = Now + by;
        while (Next(until) is { } next)
            next.Ring();
    }

    /// <summary>Sets the clock alone.</summary>
    public void Jump(TimeSpan by)
    {
        lock (_lock)
            _error += by;
    }

    // Tests of what runs in parallel make, change and drop timers from several threads.
    DateTimeOffset Now
    {
        get
        {
            lock (_lock)
                return _now;
        }
    }

    // Moves the clock to the timer that is due next, or to the end.
    ManualTimer? Next(DateTimeOffset until)
    {
        lock (_lock)
        {
            var next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            var now = next?.Due ?? until;
            _now = now > _now ? now : _now;
            return next;
        }
    }

    void Remove(ManualTimer timer)
    {
        lock (_lock)
            _timers.Remove(timer);
    }

    sealed class ManualTimer(ManualTimers clock, Action ring) : ITimer
    {
        TimeSpan _period;

        public DateTimeOffset? Due { get; private set; }

        public void Ring()
        {
            lock (clock._lock)
                Due = _period > TimeSpan.Zero ? Due + _period : null;
            ring();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                _period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : clock._now + dueTime;
            }

            return true;
        }

        public void Dispose() => clock.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
