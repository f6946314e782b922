namespace Maestro.Bus.Persistence;

/// <summary>Wakes one loop, whether it waits already or not: a signal that comes before the wait is not lost.</summary>
sealed class Wakeup
{
    readonly SemaphoreSlim _signal = new(0, 1);
    int _isSet;

    public void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
            _signal.Release();
    }

    /// <summary>Waits for a signal, at most for a time.</summary>
    public async Task Wait(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (await _signal.WaitAsync(limit, cancellationToken))
            Volatile.Write(ref _isSet, 0);
    }
}
