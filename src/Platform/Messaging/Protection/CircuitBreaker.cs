namespace Maestro.Bus.Messaging;

/// <summary>
/// Holds a queue's messages back while what they depend on is down. When so many messages in a row have failed of it, it opens; then one
/// message at a time is let through as a probe, of all hosts that share a database, and the first that succeeds closes it.
/// </summary>
sealed class CircuitBreaker : IDisposable
{
    const int RememberedOutages = 16;

    // A message's first failure may come a little before the one that another process, or this one after a late success, counts from.
    static readonly TimeSpan Vicinity = TimeSpan.FromSeconds(10);

    // Messages that wait for a dependency pass through the queue again and again; it must have time for the others.
    static readonly TimeSpan BetweenReturns = TimeSpan.FromMilliseconds(2);

    readonly Lock _lock = new();
    readonly QueueControl _control;
    readonly TimeProvider _time;
    readonly OutageLog _log;
    readonly ProbeShare? _share;
    readonly HashSet<Guid> _failed = [];
    readonly Queue<(TimeSpan From, TimeSpan To)> _outages = [];
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    DateTimeOffset _since;
    TimeSpan _begun;
    TimeSpan _nextProbe;
    TimeSpan _nextReturn;
    bool _isOpen;
    bool _isProbing;

    /// <param name="control">The queue.</param>
    /// <param name="time">The clock.</param>
    /// <param name="dependency">What the messages depend on; null for what all messages of the queue do.</param>
    public CircuitBreaker(QueueControl control, TimeProvider time, string? dependency = null)
    {
        (_control, _time) = (control, time);
        _log = new OutageLog(new Lines(control, dependency ?? "all its messages"), time);
        _share = control.ProbeLeases?.Of($"probe {control.Queue} {dependency}".TrimEnd()) is { } lease
            ? new ProbeShare(lease, MayProbe, time)
            : null;
    }

    CircuitBreakerPolicy Policy => _control.Policy.CircuitBreaker;

    /// <summary>Since when it is open, and what opened it; none while it is closed.</summary>
    public QueuePause? Pause { get; private set; }

    /// <summary>Waits for the message's turn.</summary>
    public async ValueTask<Turn> Enter(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            TimeSpan? untilProbe;

            lock (_lock)
            {
                if (TryEnter() is { } turn)
                    return turn;

                changed = _changed.Task;
                untilProbe = _isProbing ? null
                    : _nextProbe - _time.Monotonic() is { Ticks: > 0 } until ? until
                    : _share is null ? TimeSpan.Zero
                    : Policy.ProbeInterval;
            }

            await Wait(changed, untilProbe, cancellationToken);
        }
    }

    /// <summary>The message's turn; none where it has to wait.</summary>
    public Turn? TryEnter()
    {
        lock (_lock)
        {
            if (!_isOpen || !Policy.Enabled)
                return Turn.Go;

            if (_isProbing || _nextProbe > _time.Monotonic() || _share?.MayProbe(UntilIdle) == false)
                return null;

            _isProbing = true;
            return Turn.Probe;
        }
    }

    /// <summary>A message was handled.</summary>
    public void Succeeded(Turn turn)
    {
        lock (_lock)
        {
            if (turn == Turn.Probe)
                Close();
            else if (!_isOpen)
                _failed.Clear();
        }
    }

    /// <summary>A message met a dependency that is down.</summary>
    /// <returns>Whether that is the dependency's fault alone, so that it counts as no attempt.</returns>
    public bool MetDown(Turn turn, Guid? messageId, Exception exception)
    {
        lock (_lock)
        {
            if (turn == Turn.Probe)
                Probed(UntilNextProbe(exception));

            if (_isOpen)
                return true;

            if (!Policy.Enabled)
                return false;

            if (_failed.Count == 0)
                (_since, _begun) = (_time.GetUtcNow(), _time.Monotonic());

            // However often one message fails: it is more likely to be wrong itself.
            _failed.Add(messageId ?? NewId.NextGuid());
            if (_failed.Count < Policy.Failures)
                return false;

            _isOpen = true;
            Pause = new QueuePause(QueuePauseCause.CircuitBreaker, _since, FailureHeaders.Describe(exception));
            _share?.MayProbe(UntilIdle);
            Probed(UntilNextProbe(exception));
            _control.Metrics?.BreakerOpened(_control.Queue);
            _log.Away(LogText.Reason(exception));
            return true;
        }
    }

    /// <summary>A message has failed or ended in a way that tells nothing about what it depends on.</summary>
    public void ToldNothing(Turn turn)
    {
        lock (_lock)
        {
            if (turn == Turn.Probe && _isOpen)
                Probed(TimeSpan.Zero);
        }
    }

    /// <summary>
    /// Reserves the time at which a message that needs the dependency comes back: at the next probe, and one after the other.
    /// </summary>
    public TimeSpan TimeUntilReturn()
    {
        lock (_lock)
        {
            var now = _time.Monotonic();
            var earliest = _isProbing || _nextProbe <= now ? now + (Policy.ProbeInterval / 2) : _nextProbe;
            _nextReturn = _nextReturn + BetweenReturns > earliest ? _nextReturn + BetweenReturns : earliest;
            return _nextReturn - now;
        }
    }

    /// <summary>Whether a time lies in an outage that has been found out.</summary>
    public bool WasDown(DateTimeOffset moment)
    {
        lock (_lock)
        {
            var begun = ToMonotonic(moment);
            return IsNow(begun) || _outages.Any(outage => begun >= outage.From - Vicinity && begun <= outage.To);
        }
    }

    /// <summary>Whether a time lies in the outage at hand.</summary>
    public bool IsDown(DateTimeOffset moment)
    {
        lock (_lock)
            return IsNow(ToMonotonic(moment));
    }

    /// <summary>The policy has changed.</summary>
    public void Changed()
    {
        lock (_lock)
        {
            if (_isOpen && !Policy.Enabled)
                Close();
            else
                Signal();
        }
    }

    public void Dispose()
    {
        _share?.Dispose();
        _log.Dispose();
    }

    TimeSpan UntilNextProbe(Exception exception) => _control.Retries.DelayAfter(Policy.ProbeInterval, exception);

    bool IsNow(TimeSpan moment) => _isOpen && moment >= _begun - Vicinity;

    // Times in headers go by the clock of whoever wrote them, or of this process before it was set.
    TimeSpan ToMonotonic(DateTimeOffset moment) => _time.Monotonic() - (_time.GetUtcNow() - moment);

    void Close()
    {
        if (_isOpen)
        {
            _outages.Enqueue((_begun, _time.Monotonic()));
            if (_outages.Count > RememberedOutages)
                _outages.Dequeue();
        }

        _isOpen = _isProbing = false;
        Pause = null;
        _share?.End();
        _log.Back();
        _nextReturn = default;
        _failed.Clear();
        Signal();
    }

    void Probed(TimeSpan untilNext)
    {
        _isProbing = false;
        _nextProbe = _time.Monotonic() + untilNext;
        _share?.Keep(untilNext + UntilIdle);
        Signal();
    }

    // A host that has messages for probes asks again within one interval.
    TimeSpan UntilIdle => Policy.ProbeInterval * 2;

    // Another host has probed so far.
    void MayProbe()
    {
        lock (_lock)
            Signal();
    }

    void Signal()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    async Task Wait(Task changed, TimeSpan? untilProbe, CancellationToken cancellationToken)
    {
        try
        {
            // While a message is the probe, its end is what to wait for.
            await changed.WaitAsync(untilProbe ?? Timeout.InfiniteTimeSpan, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It is time for a probe.
        }
    }

    sealed class Lines(QueueControl control, string dependency) : IOutageLines
    {
        public void Begin(string reason) => MessageLog.BreakerOpened(control.Logger, control.Queue, dependency, reason);

        public void GoOn(TimeSpan duration, string reason) => MessageLog.BreakerIsOpen(control.Logger, control.Queue, dependency, duration,
            reason);

        public void End(TimeSpan duration) => MessageLog.BreakerClosed(control.Logger, control.Queue, dependency, duration);
    }
}
