using System.Collections.Concurrent;

namespace Maestro.Bus.Riders;

/// <summary>
/// The records of one transaction. They are begun in about their order, so that the transaction can be closed before all are done: what
/// lies before a record that has begun is done, too, and what lies behind is left to the next transaction.
/// </summary>
sealed class TransactionWork : IDisposable
{
    readonly Lock _gate = new();
    readonly ManualResetEventSlim _isDone = new();
    readonly ConcurrentQueue<(StreamRecord Record, string Topic)> _tooLarge = new();
    readonly CancellationTokenSource _cancel;
    readonly List<List<StreamRecord>> _partitions;
    int _open;
    volatile bool _hasFailed;
    volatile Exception? _failure;

    /// <param name="transaction">The transaction.</param>
    /// <param name="records">The records, those of a partition in their order.</param>
    /// <param name="cancellationToken">Ends what still runs when the endpoint's stop does not wait any longer.</param>
    public TransactionWork(IStreamTransaction transaction, IReadOnlyList<StreamRecord> records, CancellationToken cancellationToken)
    {
        Transaction = transaction;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Cancellation = _cancel.Token;
        _partitions = [.. records.GroupBy(record => record.Partition).Select(partition => partition.ToList())];
        _open = records.Count;
        foreach (var record in records)
        {
            record.Work = this;
            record.Results = new RecordResults(transaction);
        }
    }

    public IStreamTransaction Transaction { get; }

    /// <summary>Whether a record could neither be handled nor put aside: nothing of the transaction may count.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Why nothing of the transaction may count; none where that is not known.</summary>
    public Exception? Failure => _failure;

    /// <summary>Is cancelled when nobody waits for the records any longer.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>All of its records.</summary>
    public IEnumerable<StreamRecord> All => _partitions.SelectMany(records => records);

    /// <summary>The first record of each partition.</summary>
    public IReadOnlyCollection<StreamRecord> First => [.. _partitions.Select(records => records[0])];

    /// <summary>The last record of each partition that is finished together with all before it.</summary>
    public IReadOnlyCollection<StreamRecord> Finished =>
        [.. _partitions.Select(records => records.TakeWhile(record => record.State == RecordState.Finished).LastOrDefault())
            .OfType<StreamRecord>()];

    /// <summary>What is left to the next transaction.</summary>
    public IEnumerable<StreamRecord> Left =>
        _partitions.SelectMany(records => records.Where(record => record.State == RecordState.HandedOver));

    /// <summary>
    /// Those whose copy a topic of retries or dead letters has refused because of its size: after that nothing of the transaction can
    /// count.
    /// </summary>
    public IEnumerable<(StreamRecord Record, string Topic)> TooLarge => _tooLarge;

    /// <summary>How many records are finished.</summary>
    public int FinishedCount => _partitions.Sum(records => records.Count(record => record.State == RecordState.Finished));

    /// <summary>Begins work on a record; <c>false</c> where it is left.</summary>
    public bool TryStart(StreamRecord record)
    {
        lock (_gate)
        {
            if (record.State != RecordState.Waiting)
                return false;

            record.State = RecordState.Running;
            return true;
        }
    }

    /// <summary>Ends work on a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="failure">Why it could neither be handled nor put aside; none where it was.</param>
    public void Finish(StreamRecord record, Exception? failure)
    {
        lock (_gate)
        {
            record.State = failure is null ? RecordState.Finished : RecordState.Failed;
            if (failure is not null)
            {
                _failure ??= failure;
                _hasFailed = true;
                LeaveWaiting(_ => -1);
            }

            Closed(1);
        }
    }

    /// <summary>Notes that a topic has refused a record's copy because of its size.</summary>
    public void RefusedAsTooLarge(StreamRecord record, string topic) => _tooLarge.Enqueue((record, topic));

    /// <summary>Leaves what has not begun, and lies behind all that has, to the next transaction.</summary>
    public void Close()
    {
        lock (_gate)
            LeaveWaiting(records => records.FindLastIndex(record => record.State is RecordState.Running or RecordState.Finished));
    }

    /// <summary>Leaves all that has not begun. What is finished may count no longer, as something before it may be left.</summary>
    public void GiveUp()
    {
        lock (_gate)
        {
            _hasFailed = true;
            LeaveWaiting(_ => -1);
        }

        _cancel.Cancel();
    }

    /// <summary>Waits until nothing is worked on.</summary>
    public bool Wait(TimeSpan limit) => _isDone.Wait(limit);

    public void Dispose()
    {
        _isDone.Dispose();
        _cancel.Dispose();
    }

    void LeaveWaiting(Func<List<StreamRecord>, int> last)
    {
        foreach (var records in _partitions)
        {
            for (var i = last(records) + 1; i < records.Count; i++)
            {
                if (records[i].State == RecordState.Waiting)
                {
                    records[i].State = RecordState.HandedOver;
                    Closed(1);
                }
            }
        }
    }

    void Closed(int count)
    {
        _open -= count;
        if (_open == 0)
            _isDone.Set();
    }
}
