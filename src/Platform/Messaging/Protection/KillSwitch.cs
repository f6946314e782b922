namespace Maestro.Bus.Messaging;

/// <summary>Holds a queue's messages back for a time once too much of them fails. After that the first message decides.</summary>
sealed class KillSwitch(QueueControl control, TimeProvider time)
{
    readonly Lock _lock = new();
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    TimeSpan _begun;
    TimeSpan? _until;
    bool _isOnTrial;
    int _handled;
    int _failed;

    KillSwitchPolicy Policy => control.Policy.KillSwitch;

    /// <summary>Since when it holds the messages back, and why; none while it does not.</summary>
    public QueuePause? Pause { get; private set; }

    /// <summary>Waits until messages are let through.</summary>
    public async ValueTask Enter(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            TimeSpan left;

            lock (_lock)
            {
                left = _until is { } until && Policy.Enabled ? until - time.Monotonic() : TimeSpan.Zero;
                if (left <= TimeSpan.Zero)
                {
                    Restart();
                    return;
                }

                changed = _changed.Task;
            }

            try
            {
                await changed.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The pause is over.
            }
        }
    }

    /// <summary>A message was handled, or has failed.</summary>
    public void Handled(Exception? failure)
    {
        lock (_lock)
        {
            if (!Policy.Enabled || _until is not null)
                return;

            var now = time.Monotonic();
            if (_handled == 0 || now - _begun > Policy.TrackingPeriod)
                (_begun, _handled, _failed) = (now, 0, 0);

            _handled++;
            if (failure is null)
            {
                _isOnTrial = false;
                return;
            }

            _failed++;
            if (_isOnTrial || (_handled >= Policy.ActivationThreshold && _failed * 100L >= (long)_handled * Policy.TripThreshold))
                Trip(now, failure);
        }
    }

    /// <summary>The policy has changed.</summary>
    public void Changed()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    void Trip(TimeSpan now, Exception failure)
    {
        _until = now + Policy.RestartTimeout;
        Pause = new QueuePause(QueuePauseCause.KillSwitch, time.GetUtcNow(),
            $"{_failed} of {_handled} messages failed, the last one with {FailureHeaders.Describe(failure)}");
        control.Metrics?.KillSwitchTripped(control.Queue);
    }

    void Restart()
    {
        if (_until is null)
            return;

        (_until, Pause, _isOnTrial, _handled, _failed) = (null, null, true, 0, 0);
    }
}
