namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Finds the next messages of a queue whose endpoint handles only so many messages of a partition key at a time, whatever process they are
/// in. Messages without a key count as one partition.
/// </summary>
sealed class PartitionedFetch(Database database)
{
    /// <summary>
    /// How far the queue is read in order before its keys are gone through instead: a key with a long backlog must not hide the others.
    /// </summary>
    const int Window = 512;

    readonly Statement _busy = database.Prepare("""
        SELECT coalesce(partition_key, ''), owner_id, state FROM delivery
        WHERE queue_id = ?1 AND (state = 1 OR (state = 2 AND ?2 AND transport_headers IS NOT NULL))
        """);
    readonly Statement _keys = database.Prepare(
        "SELECT message_id, coalesce(partition_key, '') FROM delivery WHERE queue_id = ?1 AND state = 0 ORDER BY priority, message_id "
            + "LIMIT ?2");
    readonly Statement _firstOfKey = database.Prepare("""
        SELECT partition_key, message_id FROM delivery
        WHERE queue_id = ?1 AND state = 0 AND partition_key > ?2 ORDER BY partition_key, priority, message_id LIMIT 1
        """);
    readonly Statement _one = database.Prepare(
        $"SELECT {MessageReader.Columns} WHERE d.queue_id = ?1 AND d.state = 0 AND d.message_id = ?2");

    public List<Message> Next(Receiver receiver, long owner, int limit)
    {
        var busy = Busy(receiver, owner);
        var found = new List<long>();

        if (InOrder(receiver, busy, found, limit) && found.Count < limit)
            ByKey(receiver, busy, found, limit);

        return found.ConvertAll(id => MessageReader.Read(_one.Bind(1, receiver.Queue.Id).Bind(2, id), receiver.Queue)[0]);
    }

    /// <summary>
    /// How many messages of each key are being worked on. A key that another process works on is full, and so is one that must wait for its
    /// retry.
    /// </summary>
    Dictionary<string, int> Busy(Receiver receiver, long owner)
    {
        var busy = new Dictionary<string, int>(StringComparer.Ordinal);
        _busy.Bind(1, receiver.Queue.Id).Bind(2, receiver.IsOrdered ? 1L : 0L);

        while (_busy.Step())
        {
            var key = _busy.Text(0)!;
            var isOwn = _busy.Long(2) == DeliveryTable.Locked && _busy.Long(1) == owner;
            busy[key] = isOwn ? busy.GetValueOrDefault(key) + 1 : receiver.PerPartition;
        }

        return busy;
    }

    /// <returns>Whether the queue may have more than was looked at.</returns>
    bool InOrder(Receiver receiver, Dictionary<string, int> busy, List<long> found, int limit)
    {
        var seen = 0;
        _keys.Bind(1, receiver.Queue.Id).Bind(2, Window);

        while (_keys.Step())
        {
            seen++;
            if (TryTake(_keys.Text(1)!, receiver, busy))
                found.Add(_keys.Long(0));

            if (found.Count < limit)
                continue;

            _keys.Reset();
            return true;
        }

        return seen == Window;
    }

    void ByKey(Receiver receiver, Dictionary<string, int> busy, List<long> found, int limit)
    {
        var start = receiver.Queue.PartitionCursor;
        var key = start;
        var wrapped = false;

        while (found.Count < limit)
        {
            if (!_firstOfKey.Bind(1, receiver.Queue.Id).Bind(2, key).Step())
            {
                if (wrapped || start.Length == 0)
                    return;

                (wrapped, key) = (true, "");
                continue;
            }

            (key, var id) = (_firstOfKey.Text(0)!, _firstOfKey.Long(1));
            _firstOfKey.Reset();

            if (wrapped && string.CompareOrdinal(key, start) > 0)
                return;

            if (!found.Contains(id) && TryTake(key, receiver, busy))
                found.Add(id);

            receiver.Queue.PartitionCursor = key;
        }
    }

    static bool TryTake(string key, Receiver receiver, Dictionary<string, int> busy)
    {
        var count = busy.GetValueOrDefault(key);
        if (count >= receiver.PerPartition)
            return false;

        busy[key] = count + 1;
        return true;
    }
}
