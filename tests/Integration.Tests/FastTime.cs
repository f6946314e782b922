namespace MaestroBus.Integration.Tests;

/// <summary>A clock whose timers go off a hundred times as early, so that a wait of seconds takes milliseconds.</summary>
sealed class FastTime : TimeProvider
{
    const int Factor = 100;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new FastTimer(base.CreateTimer(callback, state, Scale(dueTime), Scale(period)));

    static TimeSpan Scale(TimeSpan time) => time > TimeSpan.Zero ? time / Factor : time;

    sealed class FastTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Scale(dueTime), Scale(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
