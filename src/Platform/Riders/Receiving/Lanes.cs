using System.Collections.Concurrent;

namespace Maestro.Bus.Riders;

/// <summary>
/// Works on as many records at a time as there are lanes. A key belongs to one lane, so that its records come one after the other; records
/// without a key go to whichever lane is free.
/// </summary>
sealed class Lanes
{
    readonly Lane[] _lanes;
    readonly ConcurrentQueue<StreamRecord> _shared = new();
    readonly Func<StreamRecord, Task> _handle;
    readonly Action _prepare;
    uint _next;

    /// <param name="count">How many lanes.</param>
    /// <param name="handle">Works on a record.</param>
    /// <param name="prepare">Is called when a lane begins: what it sets for the flow of its work, holds for all records until the lane
    /// sleeps.</param>
    public Lanes(int count, Func<StreamRecord, Task> handle, Action prepare)
    {
        _handle = handle;
        _prepare = prepare;
        _lanes = [.. Enumerable.Range(0, count).Select(_ => new Lane(this))];
    }

    public void Post(StreamRecord record)
    {
        Enqueue(record);
        Wake();
    }

    /// <summary>
    /// Takes records, and has the lanes begin only then: a lane that is woken for each of them finds nothing more to do in between.
    /// </summary>
    public void Post(IReadOnlyList<StreamRecord> records)
    {
        foreach (var record in records)
            Enqueue(record);

        Wake();
    }

    void Enqueue(StreamRecord record)
    {
        if (record.Key is { Length: > 0 } key)
            _lanes[LaneOf(key, _lanes.Length)].Enqueue(record);
        else
            _shared.Enqueue(record);
    }

    void Wake()
    {
        // A lane that is about to sleep looks once more after it has said so; what was enqueued must be there before it is asked whether it
        // sleeps.
        Interlocked.MemoryBarrier();

        foreach (var lane in _lanes)
            lane.WakeForOwn();

        var first = _next++;
        for (var i = 0u; i < _lanes.Length && _shared.Count > i; i++)
            _lanes[(first + i) % _lanes.Length].TryWake();
    }

    /// <summary>
    /// Finds the lane of a key, from 0 on: the same in each process, so that the next member of a group knows what one that has ended can
    /// have had in work.
    /// </summary>
    public static int LaneOf(ReadOnlySpan<byte> key, int lanes)
    {
        // FNV-1a, folded: its low bits alone depend on the low bits of the key only.
        const uint offset = 2_166_136_261;
        const uint prime = 16_777_619;
        var hash = offset;
        foreach (var part in key)
            hash = (hash ^ part) * prime;
        return (int)((hash ^ (hash >> 16)) % (uint)lanes);
    }

    sealed class Lane(Lanes lanes) : IThreadPoolWorkItem
    {
        readonly ConcurrentQueue<StreamRecord> _queue = new();
        int _isAwake;

        public void Enqueue(StreamRecord record) => _queue.Enqueue(record);

        public void WakeForOwn()
        {
            if (!_queue.IsEmpty)
                TryWake();
        }

        public void TryWake()
        {
            if (Volatile.Read(ref _isAwake) == 0 && Interlocked.Exchange(ref _isAwake, 1) == 0)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        void IThreadPoolWorkItem.Execute() => _ = Work();

        async Task Work()
        {
            lanes._prepare();

            do
            {
                while (_queue.TryDequeue(out var record) || lanes._shared.TryDequeue(out record))
                    await lanes._handle(record).ConfigureAwait(false);

                Interlocked.Exchange(ref _isAwake, 0);
            }
            while ((!_queue.IsEmpty || !lanes._shared.IsEmpty) && Interlocked.Exchange(ref _isAwake, 1) == 0);
        }
    }
}
