namespace Maestro.Bus.Messaging;

/// <summary>
/// Has one of several hosts probe a dependency that is down: the one with the lease. The others wait for it. It gives the lease back when
/// the dependency is back, or when it has had no message for a probe for a while: then the next host probes.
/// </summary>
/// <param name="lease">The lease.</param>
/// <param name="granted">Called when this host gets the lease, or has to probe without it.</param>
/// <param name="time">The stopwatch.</param>
sealed class ProbeShare(IProbeLease lease, Action granted, TimeProvider time) : IDisposable
{
    const int RenewalsPerAttempt = 3;

    readonly Lock _lock = new();
    CancellationTokenSource? _ending;
    Task _renewing = Task.CompletedTask;
    long _asked;
    TimeSpan _patience;
    volatile bool _isAlone;

    /// <summary>Tells whether this host may probe. If it may not, it asks for the lease from now on.</summary>
    /// <param name="patience">For how long it keeps the lease, or asks for it, unless it calls this or <see cref="Keep"/> again.</param>
    public bool MayProbe(TimeSpan patience)
    {
        lock (_lock)
        {
            Keep(patience);
            if (_ending is null)
            {
                _ending = new CancellationTokenSource();
                _renewing = Renew(_renewing, _ending);
            }
        }

        return _isAlone || lease.IsHeld;
    }

    /// <summary>Keeps the lease for some time from now on, if this host has it.</summary>
    public void Keep(TimeSpan patience)
    {
        lock (_lock)
            (_asked, _patience) = (time.GetTimestamp(), patience);
    }

    /// <summary>Gives the lease back.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ending?.Cancel();
            _ending = null;
        }
    }

    /// <inheritdoc cref="End" />
    public void Dispose() => End();

    async Task Renew(Task before, CancellationTokenSource ending)
    {
        // The caller does not wait for the database.
        await Task.Yield();
        await before.ConfigureAwait(false);

        while (IsWanted(ending))
        {
            var mayProbe = _isAlone || lease.IsHeld;
            var isTold = await TryHold(ending.Token).ConfigureAwait(false);
            if (ending.IsCancellationRequested)
                break;

            _isAlone = !isTold;
            if (!mayProbe && (_isAlone || lease.IsHeld))
                granted();
            await Task.Delay(lease.Interval, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _isAlone = false;
        await Release().ConfigureAwait(false);
    }

    bool IsWanted(CancellationTokenSource ending)
    {
        lock (_lock)
        {
            if (!ending.IsCancellationRequested && time.GetElapsedTime(_asked) < _patience)
                return true;

            if (_ending == ending)
                _ending = null;
            return false;
        }
    }

    async Task<bool> TryHold(CancellationToken ending)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ending);
        limit.CancelAfter(lease.Interval * RenewalsPerAttempt);

        try
        {
            await lease.TryHold(limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception)
        {
            // Whatever keeps the database from telling whose turn it is, which may be what is down: each host probes for itself.
            return false;
        }
    }

    async Task Release()
    {
        using var limit = new CancellationTokenSource(lease.Interval * RenewalsPerAttempt, time);

        try
        {
            await lease.Release(limit.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever keeps it from being given back, the others take it when this host has been silent for a while.
        }
    }
}
