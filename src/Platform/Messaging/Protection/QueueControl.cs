using System.Threading.RateLimiting;

namespace MaestroBus.Messaging;

/// <summary>One queue of this process at work: the policy in force, and whether something holds its messages back.</summary>
public sealed class QueueControl : IAsyncDisposable
{
    readonly Lock _lock = new();
    readonly KillSwitch _killSwitch;
    readonly ConcurrencyLimit _concurrency;
    CancellationTokenSource _stopping = new();
    RateLimiter? _limiter;

    internal QueueControl(string queue, QueuePolicy policy, TimeProvider time, ProtectionMetrics? metrics = null)
    {
        (Queue, Metrics, Policy) = (queue, metrics, policy);
        Breaker = new CircuitBreaker(this, time);
        _killSwitch = new KillSwitch(this, time);
        _concurrency = new ConcurrencyLimit(policy.Concurrency);
        (Schedule, Failures, _limiter) = Parts(policy);
    }

    /// <summary>The queue's name.</summary>
    public string Queue { get; }

    /// <summary>The policy in force.</summary>
    public QueuePolicy Policy { get; private set; }

    /// <summary>What holds the queue's messages back; none while they are worked on as usual.</summary>
    public QueuePause? Pause => Breaker.Pause ?? _killSwitch.Pause;

    internal RetrySchedule Schedule { get; private set; }

    internal FailureRules Failures { get; private set; }

    internal CircuitBreaker Breaker { get; }

    internal ProtectionMetrics? Metrics { get; }

    /// <summary>
    /// Changes the policy of the queue in this process at once: retries, concurrency, rate limit, time-out, circuit breaker and kill switch. The
    /// <see cref="QueuePolicy.Concurrency"/> that the endpoint has started with is the highest; what the broker is told when it starts, the <see cref="QueuePolicy.Prefetch"/>,
    /// stays as it is.
    /// </summary>
    /// <exception cref="ArgumentException">The new policy is wrong; the message lists what.</exception>
    public async Task Change(Func<QueuePolicy, QueuePolicy> change)
    {
        RateLimiter? old;

        lock (_lock)
        {
            var policy = change(Policy.Copy());
            PolicyRules.Check(policy, Queue);
            old = policy.RateLimit == Policy.RateLimit ? null : _limiter;
            var (schedule, failures, limiter) = Parts(policy, policy.RateLimit == Policy.RateLimit ? _limiter : null);
            (Policy, Schedule, Failures, _limiter) = (policy, schedule, failures, limiter);
        }

        _concurrency.Change(Policy.Concurrency);
        Breaker.Changed();
        _killSwitch.Changed();

        // Lets go of the messages that wait for the old one.
        if (old is not null)
            await old.DisposeAsync();
    }

    /// <summary>Gives back what the rate limit has taken.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_limiter is not null)
            await _limiter.DisposeAsync();
    }

    /// <summary>Waits until a message may be worked on. Unless it is to be given back, <see cref="Leave"/> follows.</summary>
    internal async ValueTask<Turn> Enter(CancellationToken cancellationToken)
    {
        // Most messages wait for nothing: no token is linked for them.
        if (_limiter is null && _killSwitch.Pause is null && _concurrency.TryEnter())
        {
            if (Breaker.TryEnter() is { } turn)
                return turn;

            _concurrency.Leave();
        }

        var stopping = _stopping.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);

        try
        {
            await _concurrency.Enter(either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Turn.GiveBack;
        }

        try
        {
            await Limit(either.Token);
            await _killSwitch.Enter(either.Token);
            return await Breaker.Enter(either.Token);
        }
        catch (OperationCanceledException exception)
        {
            Leave();
            if (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                return Turn.GiveBack;

            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }

    /// <summary>A message has been worked on, however that has ended.</summary>
    internal void Leave() => _concurrency.Leave();

    /// <summary>A message was handled.</summary>
    internal void Succeeded(Turn turn)
    {
        Breaker.Succeeded(turn);
        _killSwitch.Handled(null);
    }

    /// <summary>An attempt at a message has failed.</summary>
    internal void Failed(Exception exception) => _killSwitch.Handled(exception);

    /// <summary>The endpoint takes messages.</summary>
    internal void Started()
    {
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
                _stopping = new CancellationTokenSource();
        }
    }

    /// <summary>The endpoint stops: what is held back goes back to the broker.</summary>
    internal void Stopping() => _stopping.Cancel();

    async ValueTask Limit(CancellationToken cancellationToken)
    {
        if (_limiter is not { } limiter)
            return;

        try
        {
            using var lease = limiter.AttemptAcquire();
            if (lease.IsAcquired)
                return;

            Metrics?.Limited(Queue);
            using var waited = await limiter.AcquireAsync(1, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // The limit was changed after the look at it.
        }
    }

    static (RetrySchedule, FailureRules, RateLimiter?) Parts(QueuePolicy policy, RateLimiter? limiter = null)
    {
        var known = new SettingsProblems();
        return (
            new RetrySchedule(policy, Random.Shared),
            new FailureRules(
                ExceptionTypes.Of(policy.Retry.Never, "", known),
                ExceptionTypes.Of(policy.Retry.Only, "", known),
                ExceptionTypes.Of(policy.CircuitBreaker.Exceptions, "", known)),
            limiter ?? RateLimit.For(policy.RateLimit));
    }
}
