namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Works on the messages of a queue as a whole, in pieces that leave room for others. Used on the writer's thread, within its transactions.
/// </summary>
sealed class QueueContent(Database database, DeliveryTable table)
{
    /// <summary>Deletes messages that nobody has locked.</summary>
    /// <returns>How many; fewer than the limit when there are no more.</returns>
    public int Delete(BrokerQueue queue, int limit)
    {
        var rows = Find(queue, $"d.state IN ({DeliveryTable.Ready}, {DeliveryTable.Delayed})", limit);

        foreach (var (state, priority, id, deliveries) in rows)
        {
            Delete(queue, state, priority, id);
            table.DeleteContent(id, deliveries);
        }

        return rows.Count;
    }

    /// <summary>Moves messages that are ready to another queue, as if they had never been delivered.</summary>
    public int Move(BrokerQueue source, BrokerQueue destination, int limit)
    {
        var rows = Find(source, $"d.state = {DeliveryTable.Ready}", limit);

        foreach (var (state, priority, id, _) in rows)
            database.Execute($"""
                UPDATE delivery SET queue_id = {destination.Id}, delivery_count = 0, transport_headers = NULL
                WHERE queue_id = {source.Id} AND state = {state} AND priority = {priority} AND message_id = {id}
                """);

        return rows.Count;
    }

    /// <summary>Deletes delayed messages by the token that they were scheduled with.</summary>
    public bool DeleteScheduled(Guid token)
    {
        var found = new List<(long Queue, long Priority, long Message, long Deliveries)>();
        using (var rows = database.PrepareOnce("""
            SELECT d.queue_id, d.priority, d.message_id, m.deliveries FROM message m CROSS JOIN delivery d INDEXED BY delivery_due
            ON d.due = m.due AND d.state = 2 AND d.message_id = m.id WHERE m.scheduling_token_id = ?1
            """))
        {
            rows.Bind(1, (Guid?)token);
            while (rows.Step())
                found.Add((rows.Long(0), rows.Long(1), rows.Long(2), rows.Long(3)));
        }

        foreach (var (queue, priority, message, deliveries) in found)
        {
            database.Execute(
                $"DELETE FROM delivery WHERE queue_id = {queue} AND state = {DeliveryTable.Delayed} AND priority = {priority} AND "
                    + $"message_id = {message}");
            table.DeleteContent(message, deliveries);
        }

        return found.Count > 0;
    }

    void Delete(BrokerQueue queue, long state, long priority, long id) =>
        database.Execute(
            $"DELETE FROM delivery WHERE queue_id = {queue.Id} AND state = {state} AND priority = {priority} AND message_id = {id}");

    List<(long State, long Priority, long Message, long Deliveries)> Find(BrokerQueue queue, string condition, int limit)
    {
        var found = new List<(long, long, long, long)>();
        using var rows = database.PrepareOnce($"""
            SELECT d.state, d.priority, d.message_id, m.deliveries FROM delivery d CROSS JOIN message m ON m.id = d.message_id
            WHERE d.queue_id = {queue.Id} AND {condition} ORDER BY d.state, d.priority, d.message_id LIMIT {limit}
            """);
        while (rows.Step())
            found.Add((rows.Long(0), rows.Long(1), rows.Long(2), rows.Long(3)));

        return found;
    }
}
