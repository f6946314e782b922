namespace Maestro.Bus.Riders;

/// <summary>
/// Reads topics on a thread of its own, and keeps what it reads in hand until it is finished. A consumer that breaks is replaced by a new
/// one, for as long as it takes.
/// </summary>
abstract class RecordPump : IStreamPartitions
{
    protected static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(1);

    readonly Dictionary<StreamPartition, PartitionProgress> _partitions = [];
    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _seekGate = new();
    readonly OutageLog _breaks;
    Seeking? _seek;
    int _isStarted;
    bool _hasJoined;
    long _heard;
    volatile IStreamConsumer? _consumer;
    volatile string? _broken;
    volatile KeyValuePair<StreamPartition, PartitionProgress>[] _stays = [];

    protected RecordPump(StreamEndpointContext context, StreamSubscription subscription)
    {
        Context = context;
        Subscription = subscription;
        _breaks = new OutageLog(new ConsumerLines(Logger, subscription.Group), context.Rider.Time);
    }

    /// <summary>Completes when the thread has ended and the group has been left.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Why it reads nothing; none where it is a member of its group.</summary>
    public string? Problem => Stopping.IsCancellationRequested ? null
        : (_consumer is { } consumer ? consumer.Problem ?? WorkProblem : _broken ?? "Reading has not begun.") is { } problem
            ? $"{string.Join(", ", Subscription.Topics)} is not read by the group '{Subscription.Group}': {problem}"
            : null;

    /// <summary>How many records of each partition that the member has are not finished.</summary>
    public IEnumerable<(StreamPartition Partition, string Group, long Count)> Lags =>
        _consumer is { } consumer ? _stays.Select(stay => (stay.Key, Subscription.Group, consumer.Unread(stay.Key) + stay.Value.InHand))
            : [];

    protected StreamEndpointContext Context { get; }

    protected StreamSubscription Subscription { get; }

    /// <summary>Why a member of the group does not get on; none where it does.</summary>
    protected virtual string? WorkProblem => null;

    protected ILogger Logger => Context.Rider.Logger;

    protected CancellationToken Stopping => _stop.Token;

    protected IReadOnlyDictionary<StreamPartition, PartitionProgress> Partitions => _partitions;

    public void Start()
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
            new Thread(Run) { IsBackground = true, Name = $"{Context.Rider.Plugin.Scheme} {Subscription.Group}" }.Start();
    }

    public void Stop()
    {
        _stop.Cancel();
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
            _ended.TrySetResult();
    }

    /// <summary>Reads the partitions that this process has from another position on; completes when it does.</summary>
    public Task Seek(StreamPosition position)
    {
        lock (_seekGate)
            return (_seek ??= new Seeking(position)).Done.Task;
    }

    void IStreamPartitions.Assigned(IReadOnlyCollection<StreamPartition> partitions)
    {
        foreach (var partition in partitions)
            _partitions[partition] = new PartitionProgress();

        if (Subscription.IsPattern)
            Context.CreateDeadLetters(partitions.Select(partition => partition.Topic).Distinct());
        _stays = [.. _partitions];
        _hasJoined = true;
        Log.Assigned(Logger, Subscription.Group, partitions.Count);
        Context.Rider.Metrics.Assigned(Subscription.Group, partitions.Count);
    }

    void IStreamPartitions.Revoked(IReadOnlyCollection<StreamPartition> partitions, Action<StreamRecord> acknowledge)
    {
        var before = _partitions.Count;
        HandOver(partitions, acknowledge);
        Removed(before - _partitions.Count);
    }

    void IStreamPartitions.Lost(IReadOnlyCollection<StreamPartition> partitions)
    {
        var before = _partitions.Count;
        Lose(partitions);
        Removed(before - _partitions.Count);
    }

    /// <summary>Finishes what has begun of partitions that go to another member, and leaves the rest.</summary>
    protected virtual void HandOver(IReadOnlyCollection<StreamPartition> partitions, Action<StreamRecord> acknowledge)
    {
        // All of them are told before any is waited for.
        foreach (var partition in partitions)
        {
            if (_partitions.TryGetValue(partition, out var progress))
                progress.Leave(IsOrdered);
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var partition in partitions)
        {
            if (_partitions.Remove(partition, out var progress))
            {
                progress.HandOver(Context.Settings.HandOverLimit - clock.Elapsed, IsOrdered);
                if (progress.TakeFinished() is { } finished)
                    acknowledge(finished);
            }
        }
    }

    /// <summary>Leaves everything of partitions that are another member's already.</summary>
    protected virtual void Lose(IReadOnlyCollection<StreamPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            if (_partitions.Remove(partition, out var progress))
                progress.Lose();
        }
    }

    /// <summary>Whether records begin in about the order of their offsets.</summary>
    public virtual bool IsOrdered => true;

    /// <summary>Takes records once, and works on them.</summary>
    protected abstract void Turn(IStreamConsumer consumer);

    /// <summary>Is told that partitions have gone, and what was handed over with them.</summary>
    protected virtual void HandedOver()
    {
    }

    /// <summary>
    /// Those of the records whose partitions the member has, each with a note of the stay of its partition that it was read in. The others
    /// have gone while they were received.
    /// </summary>
    protected List<StreamRecord> Mine(IReadOnlyList<StreamRecord> records)
    {
        var mine = new List<StreamRecord>(records.Count);

        foreach (var record in records)
        {
            if (!_partitions.TryGetValue(record.Partition, out var stay))
                continue;

            record.Stay = stay;
            stay.Suspects.Read(record);
            stay.Count(1);
            record.IsOfPattern = Subscription.IsPattern;
            mine.Add(record);
        }

        return mine;
    }

    /// <summary>
    /// Tells the log, once a minute, of a member that gets nothing although there is something to read: its client does not do its work.
    /// </summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="isOwed">Whether records were asked for, and none have come.</param>
    protected void Hear(IStreamConsumer consumer, bool isOwed)
    {
        var time = Context.Rider.Time;
        if (!isOwed || _partitions.Count == 0 || Context.Rider.Plugin.IsAway || consumer.Problem is not null)
            _heard = time.GetTimestamp();
        else if (time.GetElapsedTime(_heard) >= LongestSilence)
        {
            _heard = time.GetTimestamp();
            if (_partitions.Keys.Sum(consumer.Unread) is > 0 and var unread)
                Log.Silent(Logger, Subscription.Group, string.Join(", ", Subscription.Topics), unread, _partitions.Count);
        }
    }

    /// <summary>Whether a record's partition is still with this member, and has not been away since the record was read.</summary>
    protected bool IsMine(StreamRecord record) => _partitions.TryGetValue(record.Partition, out var progress) && progress == record.Stay;

    void Removed(int count)
    {
        _stays = [.. _partitions];
        Context.Rider.Metrics.Assigned(Subscription.Group, -count);
        HandedOver();
    }

    void Run()
    {
        var pause = FirstPause;

        while (!Stopping.IsCancellationRequested)
        {
            try
            {
                Read(() => pause = FirstPause);
            }
            catch (Exception exception) when (!Stopping.IsCancellationRequested)
            {
                // Whatever a client throws, its consumer is of no use any more: a new one begins after the last acknowledgement.
                Log.ConsumerBroken(Logger, exception, Subscription.Group, pause.TotalSeconds);
                if (!Context.Rider.Plugin.IsAway)
                    _breaks.Away(LogText.Reason(exception));
                _broken = $"Its consumer has broken: {exception.Message}";
                Stopping.WaitHandle.WaitOne(pause);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
            catch (Exception exception)
            {
                // The group notices by itself that the member is gone.
                Log.GroupNotLeft(Logger, exception, Subscription.Group);
            }
        }

        _breaks.Dispose();
        _ended.SetResult();
    }

    void Read(Action isWell)
    {
        var consumer = Context.Rider.Plugin.Consume(Subscription, this);
        (_consumer, _hasJoined) = (consumer, false);
        var begun = _heard = Context.Rider.Time.GetTimestamp();

        try
        {
            while (!Stopping.IsCancellationRequested)
            {
                Turn(consumer);
                Acknowledge(consumer);
                SeekIfAsked(consumer);
                isWell();
                // One that is refused breaks only after a while.
                if (_breaks.Reason is not null && consumer.Problem is null && Context.Rider.Time.GetElapsedTime(begun) > LongestPause)
                    _breaks.Back();
            }

            foreach (var progress in _partitions.Values)
                progress.HandOver(Context.ConsumerStopTimeout ?? Context.Settings.HandOverLimit, IsOrdered);
            Acknowledge(consumer);
        }
        finally
        {
            _consumer = null;

            try
            {
                consumer.DisposeAsync().AsTask().GetAwaiter().GetResult();
            }
            finally
            {
                // A client that does not come to its end tells of nothing.
                ((IStreamPartitions)this).Lost([.. _partitions.Keys]);
            }
        }
    }

    void Acknowledge(IStreamConsumer consumer)
    {
        foreach (var progress in _partitions.Values)
        {
            if (progress.TakeFinished() is { } finished)
                consumer.Acknowledge(finished);
        }
    }

    void SeekIfAsked(IStreamConsumer consumer)
    {
        // Before the group has told it which partitions it has there is nothing to seek in.
        if (_seek is null || !_hasJoined)
            return;

        Seeking seek;
        lock (_seekGate)
            (seek, _seek) = (_seek, null);

        if (_partitions.Count == 0)
        {
            seek.Done.TrySetException(new InvalidOperationException(
                $"This process has no partitions of {string.Join(", ", Subscription.Topics)}: the group '{Subscription.Group}' has given "
                    + "them all to others. Ask those."));
            return;
        }

        try
        {
            foreach (var (partition, progress) in _partitions.ToList())
            {
                progress.HandOver(Context.Settings.HandOverLimit, IsOrdered);
                _partitions[partition] = new PartitionProgress();
            }

            HandedOver();
            _stays = [.. _partitions];
            consumer.Seek(seek.Position);
            seek.Done.TrySetResult();
        }
        catch (Exception exception)
        {
            seek.Done.TrySetException(exception);
            throw;
        }
    }

    sealed record Seeking(StreamPosition Position)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
