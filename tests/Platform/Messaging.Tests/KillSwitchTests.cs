namespace Maestro.Bus.Messaging.Tests;

public sealed class KillSwitchTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Wrong = TimeSpan.FromDays(40);

    readonly ManualTimers _clock = new(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero));
    readonly QueueControl _control;

    public KillSwitchTests() => _control = new QueueControl(
        "probe",
        new QueuePolicy
        {
            KillSwitch = new KillSwitchPolicy
            {
                Enabled = true,
                ActivationThreshold = 2,
                TripThreshold = 100,
                TrackingPeriod = TimeSpan.FromMinutes(5),
                RestartTimeout = TimeSpan.FromMinutes(1),
            },
        },
        _clock);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_clock_that_was_ahead_and_is_put_right_does_not_lengthen_the_pause()
    {
        _clock.Jump(Wrong);
        Fail(2);
        Assert.Equal(_clock.GetUtcNow(), _control.Pause!.Since);
        _clock.Advance(TimeSpan.FromSeconds(15));
        _clock.Jump(-Wrong);

        var waiting = _control.Enter(Cancel).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(44));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Turn.Go, await waiting.WaitAsync(Limit, Cancel));
        Assert.Null(_control.Pause);
    }

    [Fact]
    public void A_clock_that_jumps_ahead_ends_no_period_of_failures()
    {
        Fail(1);
        _clock.Jump(Wrong);
        Fail(1);

        Assert.Equal(QueuePauseCause.KillSwitch, _control.Pause?.Cause);
    }

    void Fail(int times)
    {
        foreach (var _ in Enumerable.Range(0, times))
            _control.Failed(new InvalidOperationException("It fails."));
    }
}
