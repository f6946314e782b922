namespace Maestro.Bus.Messaging.Tests;

public sealed class DependencyGateTests
{
    readonly Stopwatches _clock = new();
    readonly QueueControl _control;

    public DependencyGateTests() => _control = new QueueControl("probe", new QueuePolicy(), _clock);

    [Fact]
    public void Failures_that_name_a_dependency_open_its_breaker_and_no_other()
    {
        Fail(5);

        Assert.Equal(["shop"], _control.PausedDependencies.Keys);
        Assert.Null(_control.Pause);
        Assert.Throws<PostponedException>(() => Gate().Enter("shop"));
        Assert.False(Gate().Enter("bank"));
        Assert.Equal(Turn.Go, _control.Breaker.TryEnter());
    }

    [Fact]
    public void A_failure_that_names_nothing_is_the_queues()
    {
        var gate = Gate();
        gate.Enter("shop");

        var (breaker, turn) = gate.Of(new DependencyUnavailableException("The disk is full."), Turn.Probe);

        Assert.Equal((_control.Breaker, Turn.Probe), (breaker, turn));
    }

    [Fact]
    public void One_probe_is_let_through_and_its_success_closes_the_breaker()
    {
        Fail(5);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var probe = Gate();

        Assert.True(probe.Enter("shop"));
        Assert.Throws<PostponedException>(() => Gate().Enter("shop"));
        probe.Succeeded();

        Assert.False(Gate().Enter("shop"));
        Assert.Empty(_control.PausedDependencies);
    }

    [Fact]
    public void A_probe_that_tells_nothing_leaves_its_place_to_the_next()
    {
        Fail(5);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var probe = Gate();
        probe.Enter("shop");

        probe.Leave();

        Assert.True(Gate().Enter("shop"));
    }

    [Fact]
    public void Those_that_wait_come_back_one_after_the_other_from_the_next_probe_on()
    {
        Fail(5);

        var delays = Enumerable.Range(0, 4).Select(_ => Assert.Throws<PostponedException>(() => Gate().Enter("shop")).Delay).ToList();

        Assert.Equal(TimeSpan.FromSeconds(2), delays[0]);
        Assert.Equal([2, 2, 2], delays.Zip(delays.Skip(1), (one, next) => (next - one).TotalMilliseconds));
    }

    [Fact]
    public void An_API_that_asks_for_time_is_not_probed_before()
    {
        Fail(5, TimeSpan.FromMinutes(10));

        _clock.Advance(TimeSpan.FromMinutes(9.9));
        Assert.InRange(Assert.Throws<PostponedException>(() => Gate().Enter("shop")).Delay.TotalSeconds, 6, 37);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(Gate().Enter("shop"));
    }

    DependencyGate Gate() => new(_control);

    void Fail(int count, TimeSpan? retryAfter = null)
    {
        for (var number = 0; number < count; number++)
        {
            var gate = Gate();
            gate.Enter("shop");
            var failure = new DependencyUnavailableException("The shop is down.") { Dependency = "shop", RetryAfter = retryAfter };
            var (breaker, turn) = gate.Of(new InvalidOperationException("", failure), Turn.Go);
            breaker.MetDown(turn, NewId.NextGuid(), failure);
        }
    }
}
