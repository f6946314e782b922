namespace MaestroBus.Persistence;

/// <summary>Tells whoever sends the messages of a partition, in this process or in another, that a transaction has written some.</summary>
sealed class OutboxSignals
{
    readonly Lock _lock = new();
    readonly Wakeup _wakeup = new();
    Dictionary<short, long> _elsewhere = [];
    Func<short, long, bool>? _here;

    /// <summary>Has a partition's messages announced to a dispatcher of this process; <c>false</c> from it where another process has the partition.</summary>
    public void Connect(Func<short, long, bool>? here) => _here = here;

    /// <summary>A transaction that wrote these messages has been committed.</summary>
    public void Committed(IReadOnlyList<OutboxMessage> messages)
    {
        foreach (var message in messages)
            if (_here?.Invoke(message.Partition, message.Sequence) != true)
                Announce(message.Partition, message.Sequence);
    }

    /// <summary>Waits until there is something to tell other processes: the first new message of each partition.</summary>
    public async Task<IReadOnlyDictionary<short, long>> TakeForOthers(CancellationToken cancellationToken)
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

    void Announce(short partition, long sequence)
    {
        lock (_lock)
            _elsewhere[partition] = _elsewhere.TryGetValue(partition, out var first) ? Math.Min(first, sequence) : sequence;

        _wakeup.Set();
    }
}
