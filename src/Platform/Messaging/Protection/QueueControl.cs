using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Maestro.Bus.Messaging;

/// <summary>One queue of this process at work: the policy in force, and whether something holds its messages back.</summary>
public sealed class QueueControl : IAsyncDisposable
{
    readonly Lock _lock = new();
    readonly ConcurrentDictionary<string, CircuitBreaker> _dependencies = new(StringComparer.Ordinal);
    readonly TimeProvider _time;
    readonly KillSwitch _killSwitch;
    readonly ConcurrencyLimit _concurrency;
    CancellationTokenSource _stopping = new();
    RateLimiter? _limiter;

    internal QueueControl(
        string queue, QueuePolicy policy, TimeProvider time, ProtectionMetrics? metrics = null, SuspectGate? gate = null,
            RetrySettings? retries = null,
        ILogger? logger = null, IProbeLeases? probeLeases = null, MessageMetrics? messages = null)
    {
        (Queue, Metrics, Policy, Gate, Retries) = (queue, metrics, policy, gate ?? new SuspectGate(time), retries ?? new RetrySettings());
        Logger = logger ?? NullLogger.Instance;
        ProbeLeases = probeLeases;
        Messages = messages;
        messages?.Declare(queue);
        metrics?.Declare(queue);
        _time = time;
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

    /// <summary>
    /// The dependencies that are down, by the names that consumers give them. Messages that need one wait, the others are worked on as
    /// usual.
    /// </summary>
    public IReadOnlyDictionary<string, QueuePause> PausedDependencies => _dependencies
        .Select(entry => (entry.Key, entry.Value.Pause))
        .Where(entry => entry.Pause is not null)
        .ToDictionary(entry => entry.Key, entry => entry.Pause!, StringComparer.Ordinal);

    internal RetrySchedule Schedule { get; private set; }

    internal RetrySettings Retries { get; }

    internal FailureRules Failures { get; private set; }

    internal CircuitBreaker Breaker { get; }

    internal ILogger Logger { get; }

    /// <summary>Gets who of several hosts probes; null if each does for itself.</summary>
    internal IProbeLeases? ProbeLeases { get; }

    internal ProtectionMetrics? Metrics { get; }

    internal MessageMetrics? Messages { get; }

    /// <summary>Has suspects handled alone; one for all queues of the process.</summary>
    internal SuspectGate Gate { get; }

    /// <summary>Is cancelled when the endpoint begins to stop.</summary>
    internal CancellationToken StoppingToken => _stopping.Token;

    /// <summary>
    /// Changes the policy of the queue in this process at once: retries, concurrency, rate limit, time-out, circuit breaker and kill
    /// switch. The <see cref="QueuePolicy.Concurrency"/> that the endpoint has started with is the highest; what the broker is told when it
    /// starts, the <see cref="QueuePolicy.Prefetch"/>, stays as it is.
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
        foreach (var dependency in _dependencies.Values)
            dependency.Changed();
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
        Breaker.Dispose();
        foreach (var dependency in _dependencies.Values)
            dependency.Dispose();
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

        var isIn = false;
        try
        {
            var turn = await EnterProtection(either.Token, stopping, cancellationToken);
            isIn = turn != Turn.GiveBack;
            return turn;
        }
        finally
        {
            if (!isIn)
                Leave();
        }
    }

    /// <summary>
    /// Waits until a suspect may be worked on: alone it needs no place among the queue's others. No <see cref="Leave"/> follows.
    /// </summary>
    internal async ValueTask<Turn> EnterAlone(CancellationToken cancellationToken)
    {
        var stopping = _stopping.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        return await EnterProtection(either.Token, stopping, cancellationToken);
    }

    /// <summary>Lets a message into its consumer, beside others but not beside a suspect.</summary>
    /// <param name="isRequest">Whether a suspect may wait for its answer.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Whether it is in, and <see cref="SuspectGate.Leave"/> follows; <c>false</c> to give it back.</returns>
    internal ValueTask<bool> EnterGate(bool isRequest, CancellationToken cancellationToken)
    {
        if (Gate.TryEnter())
            return ValueTask.FromResult(true);

        if (!isRequest)
            return WaitForGate(cancellationToken);

        Gate.EnterBeside();
        return ValueTask.FromResult(true);
    }

    /// <summary>A message has been worked on, however that has ended.</summary>
    internal void Leave() => _concurrency.Leave();

    /// <summary>Gets the circuit breaker of one of the things that the queue's messages depend on.</summary>
    internal CircuitBreaker BreakerOf(string dependency) => _dependencies.GetOrAdd(dependency, _ => new CircuitBreaker(this, _time,
        dependency));

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

    async ValueTask<bool> WaitForGate(CancellationToken cancellationToken)
    {
        var stopping = _stopping.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);

        try
        {
            await Gate.Enter(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    async ValueTask<Turn> EnterProtection(CancellationToken either, CancellationToken stopping, CancellationToken cancellationToken)
    {
        try
        {
            await Limit(either);
            await _killSwitch.Enter(either);
            return await Breaker.Enter(either);
        }
        catch (OperationCanceledException exception)
        {
            if (stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                return Turn.GiveBack;

            throw new OperationCanceledException(exception.Message, exception, cancellationToken);
        }
    }

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
