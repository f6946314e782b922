namespace Maestro.Bus.Riders;

/// <summary>
/// Works on what it reads in transactions: what is written because of the records and their acknowledgement count together. While one
/// transaction is worked on, nothing else is read. One that takes too long is closed early: what has not begun is left to the next.
/// </summary>
sealed class TransactionalPump : RecordPump, IDisposable
{
    // Of the time that the broker gives a transaction: begin nothing more, let a record go on, and the rest to write and commit.
    const double BeginPart = 1 / 3.0;
    const double WorkPart = 3 / 4.0;

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // How long work that is given up may take to notice when its partition goes.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly Lanes _lanes;
    readonly TimeProvider _time;
    readonly TimeSpan? _longestDelay;
    readonly TimeSpan? _limit;
    readonly CancellationToken _abandoned;
    readonly Dictionary<(StreamPartition Partition, long Offset), HashSet<string>> _tooLarge = [];
    List<StreamRecord> _left = [];
    Open? _open;
    int _size;
    readonly OutageLog _outage;
    bool _wasAborted;

    /// <param name="context">The endpoint.</param>
    /// <param name="subscription">What to read.</param>
    /// <param name="longestDelay">How long a record may wait to be due; none where records are worked on as they come.</param>
    /// <param name="lanes">Work on the records.</param>
    /// <param name="time">The clock.</param>
    /// <param name="abandoned">Ends what still runs when the endpoint's stop does not wait any longer.</param>
    public TransactionalPump(
        StreamEndpointContext context, StreamSubscription subscription, TimeSpan? longestDelay, Lanes lanes, TimeProvider time,
        CancellationToken abandoned)
        : base(context, subscription)
    {
        (_longestDelay, _lanes, _time, _abandoned) = (longestDelay, lanes, time, abandoned);
        _limit = context.Rider.Plugin.TransactionLimit;
        _size = subscription.PollLimit;
        _outage = new OutageLog(new TransactionLines(Logger, subscription.Group), time);
    }

    /// <summary>How long one record may be worked on, where a transaction has a limit.</summary>
    public static TimeSpan? WorkLimit(IStreamPlugin plugin) => plugin.TransactionLimit * (WorkPart - BeginPart);

    public void Dispose()
    {
        _outage.Dispose();
        _open?.Work.Dispose();
    }

    protected override string? WorkProblem => _outage.Reason;

    protected override void Turn(IStreamConsumer consumer)
    {
        var records = Take(consumer);
        Hear(consumer, isOwed: records.Count == 0);
        if (records.Count == 0 || !AreDue(consumer, records))
            return;

        if (!TryBegin(consumer, records))
        {
            PausePolling(consumer);
            return;
        }

        _lanes.Post(records);
        while (_open is { } open && !open.Work.Wait(Wait))
        {
            // Its partitions may go meanwhile: that ends the transaction.
            consumer.Receive(0, TimeSpan.Zero);
            if (_open == open)
                CloseInTime(open);
        }

        if (End() is { } pause)
            PausePolling(consumer, pause);
    }

    protected override void HandOver(IReadOnlyCollection<StreamPartition> partitions, Action<StreamRecord> acknowledge)
    {
        if (_open is { } open)
        {
            open.Work.Close();
            if (!open.Work.Wait(Context.Settings.HandOverLimit))
                GiveUp(open);
            open.Work.Wait(Patience);
            End();
        }

        base.HandOver(partitions, acknowledge);
    }

    protected override void Lose(IReadOnlyCollection<StreamPartition> partitions)
    {
        if (_open is { } open)
        {
            GiveUp(open);
            open.Work.Wait(Patience);
            End();
        }

        base.Lose(partitions);
    }

    protected override void HandedOver()
    {
        _left.RemoveAll(record => !IsMine(record));
        // What could not be worked on may be another member's now.
        if (Stopping.IsCancellationRequested)
            _outage.Dispose();
        else
            _outage.Back();
    }

    List<StreamRecord> Take(IStreamConsumer consumer)
    {
        if (_left.Count == 0)
            _left = Mine(consumer.Receive(Subscription.PollLimit, Wait));
        else
            consumer.Receive(0, TimeSpan.Zero);

        var taken = _left.Take(_size).ToList();
        _left.RemoveRange(0, taken.Count);
        return taken;
    }

    bool TryBegin(IStreamConsumer consumer, List<StreamRecord> records)
    {
        try
        {
            foreach (var record in records)
                record.RefusedBy = _tooLarge.GetValueOrDefault((record.Partition, record.Offset));
            _open = new Open(new TransactionWork(consumer.Begin(), records, _abandoned), _time.GetTimestamp());
            return true;
        }
        catch (Exception exception)
        {
            // The broker does not take transactions, or is away: the records stay in hand.
            Log.TransactionNotBegun(Logger, exception, Subscription.Group, Pause.TotalSeconds);
            _outage.Away($"no transaction can begin: {exception.Message}");
            _left.InsertRange(0, records);
            return false;
        }
    }

    void CloseInTime(Open open)
    {
        if (Stopping.IsCancellationRequested)
            open.Work.Close();
        if (_limit is not { } limit)
            return;

        var elapsed = _time.GetElapsedTime(open.Since);
        if (elapsed > limit * BeginPart)
            open.Work.Close();
        if (elapsed > limit * WorkPart)
            GiveUp(open);
    }

    /// <summary>Takes fewer at a time from now on: in the end one alone, whose own time it is then.</summary>
    void GiveUp(Open open)
    {
        if (open.Work.HasFailed)
            return;

        _size = Math.Max(1, Math.Min(_size / 2, open.Work.FinishedCount));
        open.Work.GiveUp();
    }

    /// <summary>Commits the transaction or drops it; tells how long to pause.</summary>
    TimeSpan? End()
    {
        if (_open is not { } open)
            return null;

        _open = null;
        using var work = open.Work;
        var failure = work.Failure;

        try
        {
            if (!work.HasFailed)
            {
                work.Transaction.Commit(work.Finished);
                foreach (var record in work.All.Where(record => record.State == RecordState.Finished))
                    record.Stay!.Count(-1);
                _left.InsertRange(0, work.Left.Select(record => record.Again()));
                _size = Math.Min(Subscription.PollLimit, _size * 2);
                _wasAborted = false;
                _outage.Back();
                _tooLarge.Clear();
                return null;
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, the transaction has not come to its end.
            failure = exception;
        }

        var isKnown = false;
        foreach (var (record, topic) in work.TooLarge)
        {
            isKnown = true;
            _tooLarge.TryAdd((record.Partition, record.Offset), []);
            _tooLarge[(record.Partition, record.Offset)].Add(topic);
        }

        var again = work.First;
        foreach (var record in work.All.Concat(_left.Where(IsOfWork)))
            record.Stay!.Count(-1);
        _left.RemoveAll(IsOfWork);
        work.Transaction.Abort([.. again.Where(IsMine)]);

        // One that met a member's coming or going is as good as its next try; what is wrong for longer is not to be asked all the time.
        // Of a record that a topic does not take it is known now: it is not asked for it again.
        var pause = _wasAborted && !isKnown ? Pause : TimeSpan.Zero;
        _wasAborted = true;
        if (pause > TimeSpan.Zero && failure is not null)
            _outage.Away($"its transactions are given up: {failure.Message}");
        Log.TransactionAborted(Logger, failure, Subscription.Group, pause.TotalSeconds);
        return pause;

        bool IsOfWork(StreamRecord record) => again.Any(first => first.Partition == record.Partition);
    }

    void PausePolling(IStreamConsumer consumer, TimeSpan? pause = null)
    {
        for (var left = pause ?? Pause; left > TimeSpan.Zero && !Stopping.WaitHandle.WaitOne(Wait); left -= Wait)
            consumer.Receive(0, TimeSpan.Zero);
    }

    /// <summary>
    /// Waits until all records are due, and leaves out those whose partitions go to another member meanwhile; <c>false</c> where none is
    /// left.
    /// </summary>
    bool AreDue(IStreamConsumer consumer, List<StreamRecord> records)
    {
        if (_longestDelay is not { } longest)
            return true;

        var now = _time.GetUtcNow();
        var due = _time.Monotonic() + records.Max(record => FlowingPump.Delay(record, now, longest) ?? TimeSpan.Zero);

        while (due > _time.Monotonic() && records.Count > 0)
        {
            // Nothing has begun: the next start reads the records again.
            if (Stopping.WaitHandle.WaitOne(Wait))
                return false;

            consumer.Receive(0, TimeSpan.Zero);
            records.RemoveAll(record => !IsMine(record));
        }

        return records.Count > 0;
    }

    sealed record Open(TransactionWork Work, long Since);
}
