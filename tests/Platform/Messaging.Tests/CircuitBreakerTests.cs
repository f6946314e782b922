namespace Maestro.Bus.Messaging.Tests;

public sealed class CircuitBreakerTests
{
    static readonly TimeSpan Wrong = TimeSpan.FromDays(40);
    static readonly HttpRequestException Down = new("It is down.");

    readonly Stopwatches _clock = new();
    readonly QueueControl _control;

    public CircuitBreakerTests() => _control = new QueueControl("probe", new QueuePolicy(), _clock);

    CircuitBreaker Breaker => _control.Breaker;

    [Fact]
    public void Five_failures_in_a_row_open_it_and_the_fifth_counts_as_no_attempt()
    {
        Assert.Equal([false, false, false, false, true], Fail(5));

        Assert.Null(Breaker.TryEnter());
        Assert.Equal(
            new QueuePause(QueuePauseCause.CircuitBreaker, _clock.Now, "System.Net.Http.HttpRequestException: It is down."),
            _control.Pause);
    }

    [Fact]
    public void Messages_without_an_id_are_as_many_as_there_are() =>
        Assert.Equal([false, false, false, false, true], Enumerable.Range(0, 5).Select(_ => Breaker.MetDown(Turn.Go, null, Down)));

    [Fact]
    public void A_success_among_them_begins_the_count_anew()
    {
        Fail(4);
        Breaker.Succeeded(Turn.Go);

        Assert.DoesNotContain(true, Fail(4));
        Assert.Equal(Turn.Go, Breaker.TryEnter());
    }

    [Fact]
    public void Failures_of_one_message_alone_do_not_open_it()
    {
        var id = NewId.NextGuid();

        Assert.All(Enumerable.Range(0, 20), _ => Assert.False(Breaker.MetDown(Turn.Go, id, Down)));
        Assert.Equal([false, false, false, true], Fail(4));
    }

    [Fact]
    public void One_probe_is_let_through_at_a_time_and_a_failed_one_makes_the_next_wait()
    {
        Fail(5);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(Turn.Probe, Breaker.TryEnter());
        Assert.Null(Breaker.TryEnter());

        Assert.True(Breaker.MetDown(Turn.Probe, NewId.NextGuid(), Down));
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Null(Breaker.TryEnter());
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(Turn.Probe, Breaker.TryEnter());

        Breaker.Succeeded(Turn.Probe);
        Assert.Equal(Turn.Go, Breaker.TryEnter());
        Assert.Null(_control.Pause);
    }

    [Fact]
    public async Task Those_who_wait_go_on_when_a_probe_has_succeeded()
    {
        Fail(5);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(Turn.Probe, Breaker.TryEnter());
        var waiting = Enumerable.Range(0, 5).Select(_ => Breaker.Enter(TestContext.Current.CancellationToken).AsTask()).ToList();

        Breaker.Succeeded(Turn.Probe);

        Assert.All(await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken),
            turn => Assert.Equal(Turn.Go, turn));
    }

    [Fact]
    public void A_probe_that_tells_nothing_makes_way_for_the_next()
    {
        Fail(5);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Breaker.TryEnter();

        Breaker.ToldNothing(Turn.Probe);

        Assert.Equal(Turn.Probe, Breaker.TryEnter());
    }

    [Fact]
    public void What_came_before_and_ends_after_it_has_opened_neither_closes_it_nor_counts()
    {
        Fail(5);

        Breaker.Succeeded(Turn.Go);

        Assert.True(Breaker.MetDown(Turn.Go, NewId.NextGuid(), Down));
        Assert.NotNull(_control.Pause);
    }

    [Fact]
    public void It_knows_the_outages_that_there_were()
    {
        var begun = _clock.Now;
        Fail(5);
        Assert.True(Breaker.WasDown(begun));
        Assert.True(Breaker.IsDown(begun));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Breaker.TryEnter();
        Breaker.Succeeded(Turn.Probe);

        Assert.True(Breaker.WasDown(begun));
        Assert.False(Breaker.IsDown(begun));
        Assert.False(Breaker.WasDown(begun - TimeSpan.FromMinutes(1)));
        Assert.False(Breaker.WasDown(_clock.Now + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Turned_off_while_it_is_open_it_lets_all_through()
    {
        Fail(5);

        await _control.Change(policy => policy with { CircuitBreaker = policy.CircuitBreaker with { Enabled = false } });

        Assert.Equal(Turn.Go, Breaker.TryEnter());
        Assert.Null(_control.Pause);
        Assert.DoesNotContain(true, Fail(10));
    }

    [Fact]
    public void A_clock_that_was_ahead_and_is_put_right_does_not_put_the_next_probe_off()
    {
        _clock.Now += Wrong;
        Fail(5);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _clock.Now -= Wrong;

        Assert.Null(Breaker.TryEnter());
        Assert.Equal(TimeSpan.FromSeconds(1), Breaker.TimeUntilReturn());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Turn.Probe, Breaker.TryEnter());
    }

    [Fact]
    public void A_clock_that_jumps_ahead_brings_no_probe_early()
    {
        Fail(5);
        _clock.Now += Wrong;

        Assert.Null(Breaker.TryEnter());
        Assert.Equal(TimeSpan.FromSeconds(2), Breaker.TimeUntilReturn());
    }

    [Fact]
    public void An_outage_that_began_while_the_clock_was_ahead_is_known_when_it_is_put_right()
    {
        _clock.Now += Wrong;
        Fail(5);
        _clock.Now -= Wrong;
        var begun = _clock.Now;
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.True(Breaker.IsDown(begun));

        Breaker.TryEnter();
        Breaker.Succeeded(Turn.Probe);
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.True(Breaker.WasDown(begun));
        Assert.False(Breaker.WasDown(_clock.Now));
    }

    [Fact]
    public void What_a_failure_asks_for_is_kept_by_the_breaker_of_the_whole_queue()
    {
        var busy = new DependencyUnavailableException("It is busy.") { RetryAfter = TimeSpan.FromMinutes(10) };
        foreach (var _ in Enumerable.Range(0, 5))
            Breaker.MetDown(Turn.Go, NewId.NextGuid(), busy);

        _clock.Advance(TimeSpan.FromMinutes(9.9));
        Assert.Null(Breaker.TryEnter());
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(Turn.Probe, Breaker.TryEnter());
    }

    List<bool> Fail(int times) => [.. Enumerable.Range(0, times).Select(_ => Breaker.MetDown(Turn.Go, NewId.NextGuid(), Down))];
}
