namespace MaestroBus.Riders;

/// <summary>
/// Works on what it reads in transactions: what is written because of the records and their acknowledgement count together. While one transaction is worked on, nothing
/// else is read.
/// </summary>
sealed class TransactionalPump(StreamEndpointContext context, StreamSubscription subscription, Lanes lanes, TimeProvider time)
    : RecordPump(context, subscription), IDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly CountdownEvent _open = new(0);
    volatile bool _hasFailed;
    bool _wasAborted;

    void Release(bool isHandled)
    {
        if (!isHandled)
            _hasFailed = true;

        _open.Signal();
    }

    public void Dispose() => _open.Dispose();

    protected override void Turn(IStreamConsumer consumer)
    {
        List<StreamRecord> records = [.. consumer.Receive(Subscription.PollLimit, Wait)];
        Claim(records);
        if (!AreDue(consumer, records))
            return;

        var transaction = consumer.Begin();
        Exception? failure = null;
        try
        {
            _hasFailed = false;
            _open.Reset(records.Count);
            foreach (var record in records)
            {
                record.Transaction = transaction;
                record.Results = new RecordResults(transaction);
                record.Finished = Release;
                new PartitionProgress().Add(record);
            }

            lanes.Post(records);

            _open.Wait(CancellationToken.None);
            if (!_hasFailed)
            {
                transaction.Commit([.. records.GroupBy(record => record.Partition).Select(partition => partition.MaxBy(record => record.Offset)!)]);
                _wasAborted = false;
                return;
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, the transaction has not come to its end.
            failure = exception;
        }

        transaction.Abort();

        // One that met a member's coming or going is as good as its next try; what is wrong for longer is not to be asked all the time.
        var pause = _wasAborted ? Pause : TimeSpan.Zero;
        _wasAborted = true;
        Log.TransactionAborted(Logger, failure, Subscription.Group, pause.TotalSeconds);
        Stopping.WaitHandle.WaitOne(pause);
    }

    /// <summary>Waits until all records are due, and leaves out those whose partitions go to another member meanwhile; <c>false</c> where none is left.</summary>
    bool AreDue(IStreamConsumer consumer, List<StreamRecord> records)
    {
        var due = records.Count == 0 ? DateTimeOffset.MinValue : records.Max(record => FlowingPump.DueTime(record) ?? DateTimeOffset.MinValue);

        while (due > time.GetUtcNow() && records.Count > 0)
        {
            // Nothing has begun: the next start reads the records again.
            if (Stopping.WaitHandle.WaitOne(Wait))
                return false;

            consumer.Receive(0, TimeSpan.Zero);
            records.RemoveAll(record => !IsMine(record));
        }

        return records.Count > 0;
    }
}
