namespace Maestro.Bus.Transports.Sqlite;

/// <summary>A queue as this process sees it. Touched by the writer's thread only.</summary>
sealed class BrokerQueue(long id, string name)
{
    int _next;

    public long Id => id;

    public string Name => name;

    public int? AutoDeleteSeconds { get; set; }

    public int MaxDeliveryCount { get; set; }

    /// <summary>Whether the file may hold messages that are ready; a new message must not overtake them.</summary>
    public bool MayHaveReady { get; set; } = true;

    /// <summary>Whether the queue is to be looked at before the transaction ends.</summary>
    public bool IsDirty { get; set; }

    public List<Receiver> Receivers { get; } = [];

    public QueueCounters Counters { get; } = new();

    /// <summary>The key after which the last look at a partitioned queue's keys ended.</summary>
    public string PartitionCursor { get; set; } = "";

    /// <summary>A receiver that has room, each in turn.</summary>
    public Receiver? NextWithRoom()
    {
        for (var i = 0; i < Receivers.Count; i++)
        {
            var candidate = Receivers[(int)((uint)_next++ % (uint)Receivers.Count)];
            if (candidate.Room > 0)
                return candidate;
        }

        return null;
    }
}
