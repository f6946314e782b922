namespace Maestro.Bus.Messaging.Tests;

/// <summary>Who of several hosts probes what is down.</summary>
public sealed class ProbeShareTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    // The lease is given back after two of them.
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    readonly Stopwatches _clock = new();
    readonly Leases _leases = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_host_probes_until_it_succeeds_and_then_the_other()
    {
        await using var one = Open();
        await Due(one);
        await using var other = Open();

        Fail(one);
        Assert.Null(other.Breaker.TryEnter());
        Assert.Equal(Turn.Probe, one.Breaker.TryEnter());
        one.Breaker.Succeeded(Turn.Probe);
        Assert.Equal(Turn.Go, one.Breaker.TryEnter());

        await Due(other);
        other.Breaker.Succeeded(Turn.Probe);
        Assert.Equal(Turn.Go, other.Breaker.TryEnter());
    }

    [Fact]
    public async Task A_message_that_waits_is_the_probe_once_its_host_may()
    {
        await using var one = Open();
        await Due(one);
        await using var other = Open();
        _clock.Advance(Interval);
        var waiting = other.Breaker.Enter(Cancel).AsTask();
        Assert.False(waiting.IsCompleted);

        one.Breaker.Succeeded(Turn.Probe);

        Assert.Equal(Turn.Probe, await waiting.WaitAsync(Limit, Cancel));
    }

    [Fact]
    public async Task Without_an_answer_of_the_database_each_host_probes_for_itself()
    {
        _leases.IsAway = true;
        await using var one = Open();
        await using var other = Open();

        await Due(one);
        await Due(other);
    }

    QueueControl Open()
    {
        var policy = new QueuePolicy { CircuitBreaker = new CircuitBreakerPolicy { ProbeInterval = Interval } };
        var control = new QueueControl("probe", policy, _clock, probeLeases: _leases);
        foreach (var _ in Enumerable.Range(0, 5))
            control.Breaker.MetDown(Turn.Go, NewId.NextGuid(), new HttpRequestException("It is down."));
        return control;
    }

    // The lease is asked for in the background.
    Task Due(QueueControl control)
    {
        _clock.Advance(Interval);
        return Eventually.True(() => Task.FromResult(control.Breaker.TryEnter() == Turn.Probe), Limit, "a probe", Cancel);
    }

    void Fail(QueueControl control)
    {
        control.Breaker.MetDown(Turn.Probe, NewId.NextGuid(), new HttpRequestException("It is down."));
        _clock.Advance(Interval);
    }

    sealed class Leases : IProbeLeases
    {
        readonly Lock _lock = new();
        Lease? _holder;

        public bool IsAway { get; set; }

        public IProbeLease Of(string name) => new Lease(this, name);

        sealed class Lease(Leases leases, string name) : IProbeLease
        {
            public bool IsHeld => name == "probe probe" && leases._holder == this;

            public TimeSpan Interval => TimeSpan.FromMilliseconds(20);

            public Task<bool> TryHold(CancellationToken cancellationToken)
            {
                cancellationToken.ThrowIfCancellationRequested();
                lock (leases._lock)
                    return leases.IsAway
                        ? throw new IOException("The database is away.")
                        : Task.FromResult((leases._holder ??= this) == this);
            }

            public Task Release(CancellationToken cancellationToken)
            {
                lock (leases._lock)
                    leases._holder = leases._holder == this ? null : leases._holder;
                return Task.CompletedTask;
            }
        }
    }
}
