namespace MaestroBus.Messaging;

/// <summary>
/// Holds a queue's messages back while what they depend on is down. When so many messages in a row have failed of it, it opens; then one message at a time is let through as a
/// probe, and the first that succeeds closes it.
/// </summary>
sealed class CircuitBreaker(QueueControl control, TimeProvider time)
{
    const int RememberedOutages = 16;

    // A message's first failure may come a little before the one that another process, or this one after a late success, counts from.
    static readonly TimeSpan Vicinity = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    readonly HashSet<Guid> _failed = [];
    readonly Queue<(DateTimeOffset From, DateTimeOffset To)> _outages = [];
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    DateTimeOffset _since;
    DateTimeOffset _nextProbe;
    bool _isOpen;
    bool _isProbing;

    CircuitBreakerPolicy Policy => control.Policy.CircuitBreaker;

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
                untilProbe = _isProbing ? null : _nextProbe - time.GetUtcNow();
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

            if (_isProbing || _nextProbe > time.GetUtcNow())
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
                Probed(Policy.ProbeInterval);

            if (_isOpen)
                return true;

            if (!Policy.Enabled)
                return false;

            if (_failed.Count == 0)
                _since = time.GetUtcNow();

            // However often one message fails: it is more likely to be wrong itself.
            _failed.Add(messageId ?? NewId.NextGuid());
            if (_failed.Count < Policy.Failures)
                return false;

            _isOpen = true;
            Pause = new QueuePause(QueuePauseCause.CircuitBreaker, _since, FailureHeaders.Describe(exception));
            Probed(Policy.ProbeInterval);
            control.Metrics?.BreakerOpened(control.Queue);
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

    /// <summary>Whether a time lies in an outage that has been found out.</summary>
    public bool WasDown(DateTimeOffset moment)
    {
        lock (_lock)
            return IsNow(moment) || _outages.Any(outage => moment >= outage.From - Vicinity && moment <= outage.To);
    }

    /// <summary>Whether a time lies in the outage at hand.</summary>
    public bool IsDown(DateTimeOffset moment)
    {
        lock (_lock)
            return IsNow(moment);
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

    bool IsNow(DateTimeOffset moment) => _isOpen && moment >= _since - Vicinity;

    void Close()
    {
        if (_isOpen)
        {
            _outages.Enqueue((_since, time.GetUtcNow()));
            if (_outages.Count > RememberedOutages)
                _outages.Dequeue();
        }

        _isOpen = _isProbing = false;
        Pause = null;
        _failed.Clear();
        Signal();
    }

    void Probed(TimeSpan untilNext)
    {
        _isProbing = false;
        _nextProbe = time.GetUtcNow() + untilNext;
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
            await changed.WaitAsync(untilProbe is { } limit ? TimeSpan.FromTicks(Math.Max(0, limit.Ticks)) : Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // It is time for a probe.
        }
    }
}
