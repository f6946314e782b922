namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Makes delayed messages ready when their time has come. Messages that were delayed by a clock that was ahead, and is put right, would
/// wait for days: they become ready when as long has passed as they were to wait, from when they are found on. The file keeps their time,
/// for it may be that the clock is behind now. Used on the writer's thread.
/// </summary>
sealed class DelayedMessages(DeliveryTable table, Topology topology, Dispatcher dispatcher, Clock clock)
{
    const int BatchSize = 512;
    const long Unknown = long.MinValue;

    static readonly long Tolerance = Clock.Of(ClockDrift.Largest);

    long _next = Unknown;
    long _nextAhead = Unknown;
    long _found = clock.Elapsed;
    long _latest = clock.Now;

    /// <summary>Gets how long it is until there is something to do, in microseconds.</summary>
    public long Wait => Math.Min(Until(_next, clock.Now), Until(_nextAhead, clock.Elapsed));

    /// <summary>One more message is delayed.</summary>
    public void Add(long? due)
    {
        if (due is not { } time)
            return;

        _latest = Math.Max(_latest, clock.Now);
        _next = Math.Min(_next, time);
    }

    /// <summary>Others have written.</summary>
    public void Forget() => _next = Unknown;

    /// <summary>What was written is undone.</summary>
    public void RolledBack() => (_next, _nextAhead) = (Unknown, Unknown);

    public void Promote()
    {
        var (now, elapsed) = (clock.Now, clock.Elapsed);
        if (now < _latest - Tolerance)
            (_found, _nextAhead, _latest) = (elapsed, Unknown, now);
        _latest = Math.Max(_latest, now);

        if (_next <= now)
        {
            Mark(table.Promote(now, BatchSize));
            _next = table.NextDue() ?? long.MaxValue;
        }

        if (_nextAhead <= elapsed)
        {
            Mark(table.PromoteDelayedAfter(now + Tolerance, elapsed - _found, BatchSize));
            _nextAhead = table.ShortestDelayAfter(now + Tolerance) is { } delay ? _found + delay : long.MaxValue;
        }
    }

    void Mark(List<long> queues)
    {
        foreach (var id in queues)
        {
            if (topology.Find(id) is { } queue)
                dispatcher.Mark(queue);
        }
    }

    static long Until(long time, long now) => time <= now ? 0 : time - now;
}
