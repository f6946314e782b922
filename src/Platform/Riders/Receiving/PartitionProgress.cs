using System.Diagnostics;

namespace Maestro.Bus.Riders;

/// <summary>
/// What has been read of one partition and is not finished. Records finish in any order; acknowledged is only what lies below the first
/// that has not, so that a crash repeats some work and loses none.
/// </summary>
sealed class PartitionProgress
{
    readonly Lock _gate = new();
    readonly Queue<StreamRecord> _open = new();
    StreamRecord? _finished;
    long _newestStarted = -1;
    ManualResetEventSlim? _change;
    bool _isGone;
    int _inHand;

    /// <summary>What may have been in work elsewhere when the member was assigned the partition.</summary>
    public AssignmentSuspects Suspects { get; } = new();

    /// <summary>How many records have been read and are not finished.</summary>
    public int InHand => Volatile.Read(ref _inHand);

    /// <summary>Notes that records have been read, or are finished or to be read again.</summary>
    public void Count(int change) => Interlocked.Add(ref _inHand, change);

    public void Add(StreamRecord record)
    {
        record.Progress = this;
        lock (_gate)
            _open.Enqueue(record);
    }

    /// <summary>Begins work on a record; <c>false</c> where its partition has gone to another member.</summary>
    public bool TryStart(StreamRecord record)
    {
        lock (_gate)
        {
            if (_isGone || record.State == RecordState.HandedOver)
                return false;

            record.State = RecordState.Running;
            _newestStarted = Math.Max(_newestStarted, record.Offset);
            return true;
        }
    }

    public void Finish(StreamRecord record)
    {
        Count(-1);
        lock (_gate)
        {
            record.State = RecordState.Finished;
            while (_open.TryPeek(out var oldest) && oldest.State == RecordState.Finished)
                _finished = _open.Dequeue();

            _change?.Set();
        }
    }

    /// <summary>The newest record that is finished together with all before it, if it has not been taken yet.</summary>
    public StreamRecord? TakeFinished()
    {
        lock (_gate)
        {
            var finished = _finished;
            _finished = null;
            return finished;
        }
    }

    /// <summary>Leaves what has not begun, and lies behind all that has, to another member.</summary>
    /// <param name="isOrdered">Whether records begin in about their order. Those of a retry topic begin when they are due: what waits there
    /// is left.</param>
    public void Leave(bool isOrdered)
    {
        lock (_gate)
        {
            foreach (var record in _open)
            {
                if (record.State == RecordState.Waiting && (!isOrdered || record.Offset > _newestStarted))
                    record.State = RecordState.HandedOver;
            }
        }
    }

    /// <summary>
    /// Leaves what has not begun to another member, and waits for the rest: whatever lies before a record that has begun is done, too, or
    /// that one's work would be done twice.
    /// </summary>
    /// <param name="limit">How long the rest may take.</param>
    /// <param name="isOrdered">Whether records begin in about their order. Those of a retry topic begin when they are due: what waits there
    /// is left.</param>
    public void HandOver(TimeSpan limit, bool isOrdered)
    {
        var clock = Stopwatch.StartNew();
        using var change = new ManualResetEventSlim();

        lock (_gate)
            _change = change;
        Leave(isOrdered);

        while (IsAnyLeft(change) && limit - clock.Elapsed is { Ticks: > 0 } left)
            change.Wait(left);

        lock (_gate)
        {
            _change = null;
            // What has not come to its turn by now must not begin under the next member's eyes.
            _isGone = true;
            foreach (var record in _open)
            {
                if (record.State == RecordState.Waiting)
                    record.State = RecordState.HandedOver;
            }
        }
    }

    bool IsAnyLeft(ManualResetEventSlim change)
    {
        lock (_gate)
        {
            change.Reset();
            return _open.Any(record => record.State is RecordState.Waiting or RecordState.Running);
        }
    }

    /// <summary>Leaves everything: the partition is another member's already.</summary>
    public void Lose() => HandOver(TimeSpan.Zero, isOrdered: false);
}
