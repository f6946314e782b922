namespace MaestroBus.Riders;

/// <summary>Reads topics on a thread of its own, and keeps what it reads in hand until it is finished. A consumer that breaks is replaced by a new one, for as long as it takes.</summary>
abstract class RecordPump : IStreamPartitions
{
    protected static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    readonly Dictionary<StreamPartition, PartitionProgress> _partitions = [];
    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _seekGate = new();
    Seeking? _seek;
    int _isStarted;

    protected RecordPump(StreamEndpointContext context, StreamSubscription subscription)
    {
        Context = context;
        Subscription = subscription;
    }

    /// <summary>Completes when the thread has ended and the group has been left.</summary>
    public Task Ended => _ended.Task;

    protected StreamEndpointContext Context { get; }

    protected StreamSubscription Subscription { get; }

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

        Log.Assigned(Logger, Subscription.Group, partitions.Count);
        Context.Rider.Metrics.Assigned(Subscription.Group, partitions.Count);
    }

    void IStreamPartitions.Revoked(IReadOnlyCollection<StreamPartition> partitions, Action<StreamRecord> acknowledge)
    {
        foreach (var partition in partitions)
            if (_partitions.Remove(partition, out var progress))
            {
                progress.HandOver(Context.Settings.HandOverLimit, IsOrdered);
                if (progress.TakeFinished() is { } finished)
                    acknowledge(finished);
            }

        Removed(partitions.Count);
    }

    void IStreamPartitions.Lost(IReadOnlyCollection<StreamPartition> partitions)
    {
        foreach (var partition in partitions)
            if (_partitions.Remove(partition, out var progress))
                progress.Lose();

        Removed(partitions.Count);
    }

    /// <summary>Whether records begin in about the order of their offsets.</summary>
    protected virtual bool IsOrdered => true;

    /// <summary>Takes records once, and works on them.</summary>
    protected abstract void Turn(IStreamConsumer consumer);

    /// <summary>Is told that partitions have gone, and what was handed over with them.</summary>
    protected virtual void HandedOver()
    {
    }

    /// <summary>Notes in which stay of their partitions with this member records were read.</summary>
    protected void Claim(IEnumerable<StreamRecord> records)
    {
        foreach (var record in records)
        {
            record.Stay = ProgressOf(record.Partition);
            record.IsOfPattern = Subscription.IsPattern;
        }
    }

    /// <summary>Whether a record's partition is still with this member, and has not been away since the record was read.</summary>
    protected bool IsMine(StreamRecord record) => _partitions.TryGetValue(record.Partition, out var progress) && progress == record.Stay;

    protected PartitionProgress ProgressOf(StreamPartition partition) =>
        _partitions.TryGetValue(partition, out var progress) ? progress : _partitions[partition] = new PartitionProgress();

    void Removed(int count)
    {
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
                Stopping.WaitHandle.WaitOne(pause);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
            catch (Exception exception)
            {
                // The group notices by itself that the member is gone.
                Log.GroupNotLeft(Logger, exception, Subscription.Group);
            }
        }

        _ended.SetResult();
    }

    void Read(Action isWell)
    {
        var consumer = Context.Rider.Plugin.Consume(Subscription, this);

        try
        {
            while (!Stopping.IsCancellationRequested)
            {
                Turn(consumer);
                Acknowledge(consumer);
                SeekIfAsked(consumer);
                isWell();
            }

            foreach (var progress in _partitions.Values)
                progress.HandOver(Context.ConsumerStopTimeout ?? Context.Settings.HandOverLimit, IsOrdered);
            Acknowledge(consumer);
        }
        finally
        {
            consumer.DisposeAsync().AsTask().GetAwaiter().GetResult();
            foreach (var progress in _partitions.Values)
                progress.Lose();
            _partitions.Clear();
            HandedOver();
        }
    }

    void Acknowledge(IStreamConsumer consumer)
    {
        foreach (var progress in _partitions.Values)
            if (progress.TakeFinished() is { } finished)
                consumer.Acknowledge(finished);
    }

    void SeekIfAsked(IStreamConsumer consumer)
    {
        // Before the group has given it partitions there is nothing to seek in.
        if (_seek is null || _partitions.Count == 0)
            return;

        Seeking seek;
        lock (_seekGate)
            (seek, _seek) = (_seek, null);

        try
        {
            foreach (var (partition, progress) in _partitions.ToList())
            {
                progress.HandOver(Context.Settings.HandOverLimit, IsOrdered);
                _partitions[partition] = new PartitionProgress();
            }

            HandedOver();
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
