namespace Maestro.Bus.Persistence;

/// <summary>A dispatcher's partitions: how far each has been read, and which messages are in hand.</summary>
/// <param name="isCurrent">
/// Tells whether the partitions can be no other host's yet; they can after this process was frozen, or the database was away for long.
/// </param>
sealed class PartitionTable(Func<bool> isCurrent)
{
    readonly Lock _lock = new();
    readonly Dictionary<short, Partition> _partitions = [];
    readonly HashSet<long> _inHand = [];
    Dictionary<short, Partition> _reading = [];
    int _version;

    public int InHand
    {
        get
        {
            lock (_lock)
                return _inHand.Count;
        }
    }

    /// <summary>
    /// Adds a partition; <c>false</c> while messages are still in hand from the last time it was here. Of those some would be sent and some
    /// not, and what is read now would come between them.
    /// </summary>
    public bool TryAdd(short partition)
    {
        lock (_lock)
        {
            if (!_partitions.TryAdd(partition, new Partition { IsWaiting = true }))
                return false;

            _version++;
            return true;
        }
    }

    /// <summary>Sends nothing more of a partition; completes when nothing of it is in hand.</summary>
    public Task Leave(short partition)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(partition, out var left))
                return Task.CompletedTask;

            left.IsLeaving = true;
            EndIfDone(partition, left);
            return left.Left.Task;
        }
    }

    /// <summary>
    /// Tells whether messages of a partition may be sent. The partition is left if it can be another host's: what follows a message that
    /// is not sent must not be sent either, even if the lease turns out to be there still.
    /// </summary>
    public bool Owns(short partition)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(partition, out var owned) || owned.IsLeaving)
                return false;

            return !(owned.IsLeaving = !isCurrent());
        }
    }

    /// <summary>Tells whether a partition is here, and not being left.</summary>
    public bool Has(short partition)
    {
        lock (_lock)
            return _partitions.TryGetValue(partition, out var owned) && !owned.IsLeaving;
    }

    /// <summary>The partitions as they are now, and a number that changes when one is added.</summary>
    public (List<short> Partitions, int Version) Snapshot()
    {
        lock (_lock)
            return ([.. _partitions.Where(partition => !partition.Value.IsLeaving).Select(partition => partition.Key)], _version);
    }

    public bool IsStill(int version)
    {
        lock (_lock)
            return _version == version;
    }

    /// <summary>Has a partition be read that has new messages.</summary>
    public bool Signal(short partition)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(partition, out var signalled) || signalled.IsLeaving)
                return false;

            return signalled.IsWaiting = true;
        }
    }

    public void Rewind()
    {
        lock (_lock)
        {
            foreach (var partition in _partitions.Values)
                partition.IsWaiting = true;
        }
    }

    /// <summary>The partitions to read, none where nothing waits, and the messages in hand, which need not be read again.</summary>
    public (List<short> Partitions, long[] InHand) BeginReading()
    {
        lock (_lock)
        {
            _reading = _partitions.Where(partition => partition.Value is { IsWaiting: true, IsLeaving: false }).ToDictionary();

            foreach (var partition in _reading.Values)
                partition.IsWaiting = false;

            return ([.. _reading.Keys], [.. _inHand]);
        }
    }

    /// <summary>Takes messages in hand, unless their partition has left meanwhile, even if it is here again.</summary>
    public List<WaitingMessage> EndReading(List<WaitingMessage> messages, int limit)
    {
        lock (_lock)
        {
            var taken = new List<WaitingMessage>(messages.Count);

            foreach (var read in messages.GroupBy(message => message.Partition))
            {
                var partition = _reading[read.Key];
                if (partition.IsLeaving)
                    continue;

                partition.IsWaiting |= read.Count() == limit;
                foreach (var message in read.Where(message => _inHand.Add(message.Sequence)))
                {
                    partition.InHand++;
                    taken.Add(message);
                }
            }

            return taken;
        }
    }

    /// <summary>
    /// Counts a parked message that is being tried as in hand, so that its partition does not leave meanwhile; <c>false</c> if it has left.
    /// </summary>
    public bool TryHold(WaitingMessage message)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(message.Partition, out var partition) || partition.IsLeaving)
                return false;

            partition.InHand++;
            return true;
        }
    }

    /// <summary>These messages are in hand no more.</summary>
    public void Release(IEnumerable<WaitingMessage> messages)
    {
        lock (_lock)
        {
            foreach (var message in messages)
            {
                _inHand.Remove(message.Sequence);

                if (_partitions.TryGetValue(message.Partition, out var partition))
                {
                    partition.InHand--;
                    EndIfDone(message.Partition, partition);
                }
            }
        }
    }

    void EndIfDone(short number, Partition partition)
    {
        if (!partition.IsLeaving || partition.InHand > 0)
            return;

        _partitions.Remove(number);
        partition.Left.TrySetResult();
    }

    sealed class Partition
    {
        public bool IsWaiting { get; set; }

        public bool IsLeaving { get; set; }

        public int InHand { get; set; }

        public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
