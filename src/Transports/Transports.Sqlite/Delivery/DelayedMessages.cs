namespace MaestroBus.Transports.Sqlite;

/// <summary>Makes delayed messages ready when their time has come. Used on the writer's thread.</summary>
sealed class DelayedMessages(DeliveryTable table, Topology topology, Dispatcher dispatcher, Clock clock)
{
    const int BatchSize = 512;
    const long Unknown = long.MinValue;

    long _next = Unknown;

    /// <summary>When there is something to do; the largest number for never.</summary>
    public long Next => _next;

    /// <summary>One more message is delayed.</summary>
    public void Add(long? due)
    {
        if (due < _next)
            _next = due.Value;
    }

    /// <summary>Others have written, or what was written is undone.</summary>
    public void Forget() => _next = Unknown;

    public void Promote()
    {
        var now = clock.Now;
        if (_next > now)
            return;

        foreach (var id in table.Promote(now, BatchSize))
            if (topology.Find(id) is { } queue)
                dispatcher.Mark(queue);

        _next = table.NextDue() ?? long.MaxValue;
    }
}
