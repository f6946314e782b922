namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Shows the queues of the embedded transport, and works on them as a whole.</summary>
public sealed class SqliteQueues
{
    readonly Func<SqliteBroker> _open;

    // Services that use it are made before the host has waited for the file.
    internal SqliteQueues(Func<SqliteBroker> open) => _open = open;

    SqliteBroker Broker => _open();

    /// <summary>All the queues with what they hold. Reads beside the writer: sending and receiving go on meanwhile.</summary>
    /// <exception cref="SqliteTransportException">The file cannot be read.</exception>
    public async Task<IReadOnlyList<QueueMetrics>> List()
    {
        var counters = await Broker.Counters().ConfigureAwait(false);
        return await Task.Run(() => Read(counters)).ConfigureAwait(false);
    }

    /// <summary>Deletes the messages of a queue that no consumer has at the moment.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="SqliteTransportException">There is no such queue, or the file cannot be written.</exception>
    public Task<long> Purge(string queue) => Broker.Purge(queue);

    /// <summary>Delivers the dead letters of a queue again, the oldest first, as if for the first time.</summary>
    /// <param name="queue">The queue they belong to, not the one that holds them.</param>
    /// <param name="limit">How many at most. Those that fail anew meanwhile are not taken twice.</param>
    /// <returns>How many.</returns>
    /// <exception cref="SqliteTransportException">There is no such queue, or the file cannot be written.</exception>
    public async Task<long> Requeue(string queue, long limit = long.MaxValue)
    {
        var source = DeadLetters.QueueOf(queue);
        var present = (await List().ConfigureAwait(false)).FirstOrDefault(metrics => metrics.Name == source)?.Ready ?? 0;
        return present == 0 ? 0 : await Broker.Requeue(source, queue, Math.Min(limit, present)).ConfigureAwait(false);
    }

    /// <summary>
    /// Counts what waits in each queue, as far as <paramref name="most"/>: a queue of a million messages is not read through.
    /// </summary>
    internal IReadOnlyList<(string Queue, long Ready, DateTime? Next)> Depths(long most)
    {
        using var database = Database.Open(Broker.Path, TimeSpan.FromSeconds(5), readOnly: true);
        using var rows = database.PrepareOnce($"""
            SELECT q.name,
                (SELECT count(*) FROM (SELECT 1 FROM delivery WHERE queue_id = q.id AND state = 0 LIMIT {most})),
                (SELECT enqueued FROM delivery WHERE queue_id = q.id AND state = 0 ORDER BY priority, message_id LIMIT 1)
            FROM queue q ORDER BY q.name
            """);

        var depths = new List<(string, long, DateTime?)>();
        while (rows.Step())
            depths.Add((rows.Text(0)!, rows.Long(1), rows.LongOrNull(2) is { } next ? Clock.ToDateTime(next) : null));
        return depths;
    }

    List<QueueMetrics> Read(Dictionary<long, (QueueCounters Counters, int Receivers)> counters)
    {
        using var database = Database.Open(Broker.Path, TimeSpan.FromSeconds(5), readOnly: true);
        using var rows = database.PrepareOnce("""
            SELECT q.id, q.name,
                (SELECT count(*) FROM delivery WHERE queue_id = q.id AND state = 0),
                (SELECT count(*) FROM delivery WHERE queue_id = q.id AND state = 1),
                (SELECT count(*) FROM delivery WHERE queue_id = q.id AND state = 2),
                (SELECT enqueued FROM delivery WHERE queue_id = q.id AND state = 0 ORDER BY priority, message_id LIMIT 1)
            FROM queue q ORDER BY q.name
            """);

        var queues = new List<QueueMetrics>();
        while (rows.Step())
        {
            var (own, receivers) = counters.GetValueOrDefault(rows.Long(0), (new QueueCounters(), 0));
            queues.Add(new QueueMetrics(
                rows.Text(1)!, rows.Long(2), rows.Long(3), rows.Long(4), rows.LongOrNull(5) is { } oldest ? Clock.ToDateTime(oldest) : null,
                receivers, own.Delivered, own.Completed, own.DeadLettered));
        }

        return queues;
    }
}
