namespace Maestro.Bus.Persistence.Tests;

/// <summary>A clock that shows what a test says, and whose timers go off a thousand times as early.</summary>
sealed class HurriedClock(DateTimeOffset now) : TimeProvider
{
    const int Factor = 1_000;

    static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    long _ticks = now.UtcTicks;

    /// <summary>The time it shows.</summary>
    public DateTimeOffset Now
    {
        get => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
        set => Interlocked.Exchange(ref _ticks, value.UtcTicks);
    }

    /// <summary>By how much it is wrong: the stopwatch does not go by it.</summary>
    public TimeSpan Error { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now + Error;

    public override long GetTimestamp() => Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new HurriedTimer(base.CreateTimer(callback, state, Hurry(dueTime), Hurry(period)));

    static TimeSpan Hurry(TimeSpan time) => time <= TimeSpan.Zero ? time : time / Factor < Shortest ? Shortest : time / Factor;

    sealed class HurriedTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Hurry(dueTime), Hurry(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
