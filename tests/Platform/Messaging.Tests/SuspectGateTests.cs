namespace Maestro.Bus.Messaging.Tests;

public sealed class SuspectGateTests
{
    readonly ManualTimers _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    readonly SuspectGate _gate;

    public SuspectGateTests() => _gate = new SuspectGate(_time);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_suspect_waits_until_nothing_else_is_in_a_consumer_and_everything_else_waits_for_it()
    {
        Assert.True(_gate.TryEnter());
        var suspect = _gate.EnterAlone(0, Cancellation);
        Assert.False(suspect.IsCompleted);
        Assert.False(_gate.TryEnter());
        var other = _gate.Enter(Cancellation).AsTask();

        _gate.Leave();
        await suspect;
        Assert.False(other.IsCompleted);

        _gate.LeaveAlone();
        await other;
        Assert.False(_gate.IsClosed);
    }

    [Fact]
    public async Task Suspects_come_one_after_the_other_and_the_one_with_most_deaths_first()
    {
        await _gate.EnterAlone(0, Cancellation);
        var (second, third, first) = (_gate.EnterAlone(0, Cancellation), _gate.EnterAlone(0, Cancellation),
            _gate.EnterAlone(1, Cancellation));

        _gate.LeaveAlone();
        await first;
        Assert.False(second.IsCompleted);
        Assert.False(_gate.TryEnter());

        _gate.LeaveAlone();
        await second;
        Assert.False(third.IsCompleted);
        _gate.LeaveAlone();
        await third;
        _gate.LeaveAlone();
        Assert.True(_gate.TryEnter());
    }

    [Fact]
    public async Task A_suspect_that_gives_up_waiting_leaves_the_way_to_the_others()
    {
        using var cancelled = new CancellationTokenSource();
        Assert.True(_gate.TryEnter());
        var suspect = _gate.EnterAlone(0, cancelled.Token);
        var next = _gate.EnterAlone(0, cancelled.Token);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => suspect);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);

        Assert.True(_gate.TryEnter());
        _gate.Leave();
        _gate.Leave();
        await _gate.EnterAlone(0, Cancellation);
    }

    [Fact]
    public async Task A_consumer_that_takes_minutes_does_not_keep_the_others_out_for_as_long()
    {
        Assert.True(_gate.TryEnter());
        var suspect = _gate.EnterAlone(0, Cancellation);
        var other = _gate.Enter(Cancellation).AsTask();
        Assert.False(other.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(5));
        await other;
        Assert.False(suspect.IsCompleted);
        _gate.Leave();
        _gate.Leave();

        // It tries again after a while in which the others went on.
        await Eventually.True(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(suspect.IsCompleted);
            },
            TimeSpan.FromMinutes(1), "the suspect to be alone", Cancellation);
        Assert.False(_gate.TryEnter());
    }

    [Fact]
    public async Task A_request_passes_since_a_suspect_may_wait_for_its_answer()
    {
        var control = new QueueControl("probe", new QueuePolicy(), _time, null, _gate);
        await _gate.EnterAlone(0, Cancellation);

        Assert.True(await control.EnterGate(isRequest: true, Cancellation));
        Assert.False(control.EnterGate(isRequest: false, Cancellation).IsCompleted);
    }

    [Fact]
    public async Task Thousands_that_come_and_go_never_meet_a_suspect()
    {
        var (inside, met, suspects) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(lane => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                if (lane == 0)
                {
                    await _gate.EnterAlone(i % 2, Cancellation);
                    met += Volatile.Read(ref inside);
                    suspects++;
                    await Task.Yield();
                    met += Volatile.Read(ref inside);
                    _gate.LeaveAlone();
                }
                else
                {
                    await _gate.Enter(Cancellation);
                    Interlocked.Increment(ref inside);
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                    _gate.Leave();
                }
            }
        }, Cancellation)));

        Assert.Equal((0, 2_000), (met, suspects));
        Assert.True(_gate.TryEnter());
    }
}
