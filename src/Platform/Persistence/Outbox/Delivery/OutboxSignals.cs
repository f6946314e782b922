namespace Maestro.Bus.Persistence;

/// <summary>Tells whoever sends the messages of a partition, in this process or in another, that a transaction has written some.</summary>
sealed class OutboxSignals
{
    readonly Lock _lock = new();
    readonly Wakeup _wakeup = new();
    HashSet<short> _elsewhere = [];
    Func<short, bool>? _here;

    /// <summary>
    /// Has a partition's messages announced to a dispatcher of this process; <c>false</c> from it where another process has the partition.
    /// </summary>
    public void Connect(Func<short, bool>? here) => _here = here;

    /// <summary>A transaction that wrote these messages has been committed.</summary>
    public void Committed(IReadOnlyList<WaitingMessage> messages)
    {
        foreach (var message in messages)
        {
            if (_here?.Invoke(message.Partition) != true)
                Announce(message.Partition);
        }
    }

    /// <summary>Waits until there is something to tell other processes: the partitions that have new messages.</summary>
    public async Task<IReadOnlySet<short>> TakeForOthers(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_lock)
            {
                if (_elsewhere.Count > 0)
                {
                    var announced = _elsewhere;
                    _elsewhere = [];
                    return announced;
                }
            }

            await _wakeup.Wait(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    void Announce(short partition)
    {
        lock (_lock)
            _elsewhere.Add(partition);

        _wakeup.Set();
    }
}
