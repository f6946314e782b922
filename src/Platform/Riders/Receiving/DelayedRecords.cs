namespace Maestro.Bus.Riders;

/// <summary>Keeps records until they are due.</summary>
sealed class DelayedRecords : IDisposable
{
    readonly Lock _gate = new();
    readonly PriorityQueue<StreamRecord, TimeSpan> _waiting = new();
    readonly Action<StreamRecord> _due;
    readonly TimeProvider _time;
    readonly ITimer _timer;

    public DelayedRecords(Action<StreamRecord> due, TimeProvider time)
    {
        _due = due;
        _time = time;
        _timer = time.CreateTimer(_ => Release(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(StreamRecord record, TimeSpan delay)
    {
        lock (_gate)
            _waiting.Enqueue(record, _time.Monotonic() + delay);

        Release();
    }

    /// <summary>Removes what has been handed over, and says how much that is.</summary>
    public int RemoveHandedOver()
    {
        lock (_gate)
        {
            var kept = _waiting.UnorderedItems.Where(item => item.Element.State != RecordState.HandedOver).ToList();
            var removed = _waiting.Count - kept.Count;
            _waiting.Clear();
            _waiting.EnqueueRange(kept);
            return removed;
        }
    }

    public void Dispose() => _timer.Dispose();

    void Release()
    {
        while (true)
        {
            StreamRecord? record;
            lock (_gate)
            {
                if (!_waiting.TryPeek(out record, out var due))
                    return;

                if (due - _time.Monotonic() is { Ticks: > 0 } left)
                {
                    _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                    return;
                }

                _waiting.Dequeue();
            }

            _due(record);
        }
    }
}
