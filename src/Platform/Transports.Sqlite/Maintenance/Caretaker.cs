namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// What is to be done every second: dead processes, expired locks, and queues that nobody uses any more. Used on the writer's thread.
/// </summary>
sealed partial class Caretaker(
    Database database, DeliveryTable table, SuspectTable suspects, Topology topology, Dispatcher dispatcher, DelayedMessages delayed,
    Owners owners, Clock clock, ClockDrift drift, ILogger logger)
{
    const int MessagesAtOnce = 1000;

    static readonly long Interval = Clock.Of(TimeSpan.FromSeconds(1));
    static readonly long QueueInterval = Clock.Of(TimeSpan.FromSeconds(15));

    // Of a clock that has been set it is not known for a while whether it is right.
    static readonly long Probation = Clock.Of(TimeSpan.FromMinutes(10));

    // Rounds are not as late as this unless the process was frozen or its file was locked.
    static readonly long Lateness = Clock.Of(TimeSpan.FromSeconds(5));

    HashSet<long> _idleBefore = [];
    long _next;
    long _nextQueues;
    long? _set;

    /// <summary>Gets how long it is until the next round is due, in microseconds.</summary>
    public long Wait => _next - clock.Elapsed;

    /// <summary>Does what is due, within a transaction.</summary>
    public void Work()
    {
        var elapsed = clock.Elapsed;
        if (elapsed < _next)
            return;

        // The consumers' locks have run out then, and they have a round's time to renew them.
        var isLate = _next > 0 && elapsed - _next > Lateness;
        _next = elapsed + Interval;
        var isSteady = IsSteady(elapsed);
        if (!isLate)
            delayed.Add(dispatcher.ReleaseExpired());
        ReleaseDead();

        if (elapsed >= _nextQueues)
        {
            _nextQueues = elapsed + QueueInterval;
            TouchQueues(clock.Now);
            if (isSteady)
                DeleteIdleQueues(clock.Now);
        }
    }

    /// <summary>Gives the messages of dead processes to the living.</summary>
    public void ReleaseDead()
    {
        foreach (var dead in owners.FindDead())
        {
            var released = 0;
            suspects.CountDeath(dead);
            foreach (var queue in topology.Queues)
            {
                // A dead letter is taken from its queue, not handled.
                if (!DeadLetters.Holds(queue.Name))
                    suspects.Add(queue, dead);

                var count = table.Release(queue, dead);
                if (count > 0)
                    dispatcher.Mark(queue);
                released += count;
            }

            owners.Remove(dead);
            LogReleased(dead, released);
        }
    }

    bool IsSteady(long elapsed)
    {
        if (drift.Look() != TimeSpan.Zero)
            _set = elapsed;

        return _set is not { } set || elapsed - set >= Probation;
    }

    void TouchQueues(long now)
    {
        foreach (var queue in topology.Queues.Where(queue => queue.AutoDeleteSeconds is not null && queue.Receivers.Count > 0))
            database.Execute($"UPDATE queue SET touched = {now} WHERE id = {queue.Id}");
    }

    void DeleteIdleQueues(long now)
    {
        // Of a clock that was ahead: they would stay for as long.
        database.Execute($"UPDATE queue SET touched = {now} WHERE touched > {now + Clock.Of(ClockDrift.Largest)}");

        var idle = new List<long>();
        using (var rows = database.PrepareOnce(
            "SELECT id FROM queue WHERE auto_delete IS NOT NULL AND touched + max(auto_delete, 60) * 1000000 < ?1"))
        {
            rows.Bind(1, now);
            while (rows.Step())
                idle.Add(rows.Long(0));
        }

        // A process that was asleep, as laptops are, has a round's time to show that it lives.
        foreach (var queue in idle.Where(_idleBefore.Contains).Select(topology.Find).OfType<BrokerQueue>()
            .Where(queue => queue.Receivers.Count == 0))
        {
            if (new QueueContent(database, table).Delete(queue, MessagesAtOnce) < MessagesAtOnce)
                topology.DeleteQueue(queue);
        }

        _idleBefore = [.. idle];
    }

    [LoggerMessage(
        3, LogLevel.Warning, "Process {Owner} has ended without closing the bus's file; {Count} messages that it held are delivered again")]
    partial void LogReleased(long owner, int count);
}
