namespace Maestro.Bus.Riders;

/// <summary>A member of a group that reads streams in memory.</summary>
sealed class MemoryConsumer : IStreamConsumer
{
    readonly MemoryStreams _streams;
    readonly StreamSubscription _subscription;
    readonly IStreamPartitions _partitions;
    readonly Dictionary<StreamPartition, long> _positions = [];

    public MemoryConsumer(MemoryStreams streams, StreamSubscription subscription, IStreamPartitions partitions)
    {
        (_streams, _subscription, _partitions) = (streams, subscription, partitions);
        _streams.With(subscription.Group, group =>
        {
            group.Members.Add(this);
            return true;
        });
    }

    public IReadOnlyList<string> Subscribed => _subscription.Topics;

    public string? Problem => null;

    public long Unread(StreamPartition partition) => _streams.With(
        _subscription.Group,
        _ => _positions.TryGetValue(partition, out var position) ? Math.Max(0, _streams.LogOf(partition).Count - position) : 0);

    public IReadOnlyList<StreamRecord> Receive(int max, TimeSpan wait)
    {
        Rebalance();
        if (max > 0 && !_streams.IsAway)
            _streams.Await(() => _positions.Any(HasMore), wait);

        return max == 0 || _streams.IsAway ? [] : _streams.With(_subscription.Group, _ => Take(max));
    }

    public void Acknowledge(StreamRecord upTo) => _streams.With(_subscription.Group, group => Acknowledge(group, upTo));

    public void Seek(StreamPosition position) => _streams.With(_subscription.Group, _ =>
    {
        foreach (var partition in _positions.Keys.ToList())
        {
            if (position.Partition is null || position.Partition == partition.Number)
                _positions[partition] = OffsetOf(position, partition);
        }

        return true;
    });

    public IStreamTransaction Begin() => new MemoryTransaction(_streams, this);

    public ValueTask DisposeAsync()
    {
        _streams.With(_subscription.Group, group =>
        {
            group.Members.Remove(this);
            foreach (var partition in _positions.Keys)
                group.Owners.Remove(partition);

            return true;
        });
        return ValueTask.CompletedTask;
    }

    internal void Commit(IReadOnlyCollection<OutgoingRecord> records,
        IReadOnlyCollection<StreamRecord> upTo) => _streams.Write(records, () => _streams.With(_subscription.Group, group =>
    {
        foreach (var record in upTo)
            Acknowledge(group, record);

        return true;
    }));

    internal void Rewind(IReadOnlyCollection<StreamRecord> from) => _streams.With(_subscription.Group, _ =>
    {
        foreach (var record in from.Where(record => _positions.ContainsKey(record.Partition)))
            _positions[record.Partition] = record.Offset;

        return true;
    });

    static bool Acknowledge(MemoryGroup group, StreamRecord record)
    {
        group.Acknowledged[record.Partition] = record.Offset + 1;
        return true;
    }

    bool HasMore(KeyValuePair<StreamPartition, long> position) => position.Value < _streams.LogOf(position.Key).Count;

    void Rebalance()
    {
        var share = _streams.With(_subscription.Group, group => group.Share(this, _streams.PartitionsOf(Subscribed)));
        var gone = _positions.Keys.Where(partition => !share.Contains(partition)).ToList();

        if (gone.Count > 0)
        {
            _partitions.Revoked(gone, Acknowledge);
            _streams.With(
                _subscription.Group, group => gone.TrueForAll(partition => _positions.Remove(partition) && group.Owners.Remove(partition)));
        }

        var come = _streams.With(_subscription.Group, group => share.Where(partition => group.Owners.TryAdd(partition, this)).ToList());
        if (come.Count == 0)
            return;

        _partitions.Assigned(come);
        _streams.With(_subscription.Group, group =>
        {
            foreach (var partition in come)
                _positions[partition] = group.Acknowledged.TryGetValue(partition, out var next)
                    ? next
                    : OffsetOf(_subscription.Start, partition);

            return true;
        });
    }

    long OffsetOf(StreamPosition position, StreamPartition partition)
    {
        var log = _streams.LogOf(partition);
        return position switch
        {
            { Offset: { } offset } => position.Partition is null || position.Partition == partition.Number ? offset : 0,
            { Time: { } time } => log.TakeWhile(record => record.Timestamp < time).Count(),
            _ => position == StreamPosition.Latest ? log.Count : 0,
        };
    }

    List<StreamRecord> Take(int max)
    {
        var taken = new List<StreamRecord>();
        foreach (var (partition, position) in _positions.ToList())
        {
            var log = _streams.LogOf(partition);
            var count = (int)Math.Min(max - taken.Count, log.Count - position);
            for (var i = 0; i < count; i++)
                taken.Add(Fresh(log[(int)position + i]));
            _positions[partition] = position + Math.Max(0, count);
        }

        return taken;
    }

    // Each reader has a state of its own.
    static StreamRecord Fresh(StreamRecord record) =>
        new(record.Partition, record.Offset, record.Key, record.Value, record.Headers, record.Timestamp);

    sealed class MemoryTransaction(MemoryStreams streams, MemoryConsumer consumer) : IStreamTransaction
    {
        readonly Lock _gate = new();
        readonly List<OutgoingRecord> _records = [];

        public Task Produce(OutgoingRecord record, CancellationToken cancellationToken)
        {
            streams.ThrowIfAway();
            lock (_gate)
                _records.Add(record);
            return Task.CompletedTask;
        }

        public void Commit(IReadOnlyCollection<StreamRecord> upTo) => consumer.Commit(_records, upTo);

        public void Abort(IReadOnlyCollection<StreamRecord> from) => consumer.Rewind(from);
    }
}
