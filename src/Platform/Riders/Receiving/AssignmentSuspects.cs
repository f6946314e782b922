using System.Collections.Concurrent;

namespace Maestro.Bus.Riders;

/// <summary>
/// What a member finds out, since it was assigned a partition, about the records that another may have had in work when it ended.
/// </summary>
sealed class AssignmentSuspects
{
    readonly Lock _lock = new();
    readonly ConcurrentDictionary<long, bool> _cleared = new();
    readonly ConcurrentDictionary<int, int> _found = new();
    long _first = -1;
    Task<IReadOnlyDictionary<string, int>?>? _noted;

    /// <summary>Gets when the member was assigned the partition.</summary>
    public DateTimeOffset Since { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>Notes that a record has been read. The first one says where the member began.</summary>
    public void Read(StreamRecord record)
    {
        if (_first < 0)
            Volatile.Write(ref _first, record.Offset);
    }

    /// <summary>Tells whether a record is one of the first so many that were read, and was not cleared.</summary>
    public bool IsAmongFirst(StreamRecord record, int count) =>
        record.Offset - Volatile.Read(ref _first) < count && !_cleared.ContainsKey(record.Offset);

    /// <summary>Notes that a record is not suspect any more, though it may be read again with a transaction that was given up.</summary>
    public void Clear(StreamRecord record) => _cleared[record.Offset] = true;

    /// <summary>Asks once what is noted of processes that have ended, unless the question fails.</summary>
    /// <param name="ask">Asks.</param>
    public Task<IReadOnlyDictionary<string, int>?> Noted(Func<Task<IReadOnlyDictionary<string, int>?>> ask)
    {
        lock (_lock)
            return _noted is null or { IsCompleted: true, IsCompletedSuccessfully: false } ? _noted = ask() : _noted;
    }

    /// <summary>Notes that a record was found that the process which has ended may have had in work, and had not handled.</summary>
    /// <param name="lane">The lane that it is in.</param>
    public void Found(int lane) => _found.AddOrUpdate(lane, 1, (_, count) => count + 1);

    /// <summary>Tells whether all such records of a lane were found.</summary>
    /// <param name="lane">The lane.</param>
    /// <param name="limit">How many records of it can be in work at a time.</param>
    public bool IsAllFound(int lane, int limit) => _found.GetValueOrDefault(lane) >= limit;
}
