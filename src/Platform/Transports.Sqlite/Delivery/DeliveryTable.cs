namespace Maestro.Bus.Transports.Sqlite;

/// <summary>The statements on messages and their deliveries. Used on the writer's thread, within its transactions.</summary>
sealed class DeliveryTable
{
    public const int Ready = 0;
    public const int Locked = 1;
    public const int Delayed = 2;

    readonly Database _database;
    readonly Statement _insertMessage;
    readonly Statement _insertShared;
    readonly Statement _copyMessage;
    readonly Statement _insert;
    readonly Statement _next;
    readonly Statement _lock;
    readonly Statement _delete;
    readonly Statement _deleteMessage;
    readonly Statement _deleteShared;
    readonly Statement _place;
    readonly Statement _release;
    readonly Statement _due;
    readonly Statement _promote;
    readonly Statement _nextDue;
    readonly Statement _dueAhead;
    readonly Statement _shortestAhead;

    public DeliveryTable(Database database)
    {
        _database = database;
        _insertMessage = database.Prepare("""
            INSERT INTO message (deliveries, due, scheduling_token_id, transport_message_id, message_id, correlation_id, conversation_id,
                request_id, initiator_id,
                source_address, destination_address, response_address, fault_address, sent_time, routing_key, content_type, message_type,
                headers, host, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
            """);
        _insertShared = database.Prepare("INSERT INTO shared VALUES (?1, ?2)");
        _copyMessage = database.Prepare("""
            INSERT INTO message (deliveries, transport_message_id, message_id, correlation_id, conversation_id, request_id, initiator_id,
                source_address, destination_address, response_address, fault_address, sent_time, routing_key, content_type, message_type,
                headers, host, body)
            SELECT 1, transport_message_id, message_id, correlation_id, conversation_id, request_id, initiator_id,
                source_address, destination_address, response_address, fault_address, sent_time, routing_key, content_type, message_type,
                headers, host, body
            FROM message WHERE id = ?1
            """);
        _insert = database.Prepare("INSERT INTO delivery VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL)");
        _next = database.Prepare(
            $"SELECT {MessageReader.Columns} WHERE d.queue_id = ?1 AND d.state = 0 ORDER BY d.priority, d.message_id LIMIT ?2");
        _lock = database.Prepare("""
            UPDATE delivery SET state = 1, owner_id = ?4, lock = ?5, delivery_count = delivery_count + 1
            WHERE queue_id = ?1 AND state = 0 AND priority = ?2 AND message_id = ?3
            """);
        _delete = database.Prepare(
            "DELETE FROM delivery WHERE queue_id = ?1 AND state = 1 AND priority = ?2 AND message_id = ?3 AND owner_id = ?4 AND lock = ?5");
        _deleteMessage = database.Prepare("DELETE FROM message WHERE id = ?1");
        _deleteShared = database.Prepare("UPDATE shared SET deliveries = deliveries - 1 WHERE message_id = ?1 RETURNING deliveries");
        _place = database.Prepare("""
            UPDATE delivery SET queue_id = ?6, state = ?7, due = ?8, transport_headers = ?9, delivery_count = ?10, expires = ?11,
                message_id = ?12, enqueued = coalesce(?13, enqueued),
                owner_id = NULL, lock = NULL
            WHERE queue_id = ?1 AND state = 1 AND priority = ?2 AND message_id = ?3 AND owner_id = ?4 AND lock = ?5
            """);
        // That the process has died of a message is counted with its suspects: most of what it held has nothing to do with that.
        _release = database.Prepare("""
            UPDATE delivery SET state = 0, owner_id = NULL, lock = NULL, delivery_count = max(delivery_count - 1, 1)
            WHERE queue_id = ?1 AND state = 1 AND owner_id = ?2
            """);
        _due = database.Prepare("SELECT queue_id, priority, message_id FROM delivery WHERE state = 2 AND due <= ?1 ORDER BY due LIMIT ?2");
        _promote = database.Prepare(
            "UPDATE delivery SET state = 0, due = NULL WHERE queue_id = ?1 AND state = 2 AND priority = ?2 AND message_id = ?3");
        _nextDue = database.Prepare("SELECT min(due) FROM delivery WHERE state = 2");
        // The condition on due says no more than that on enqueued, and has an index.
        _dueAhead = database.Prepare("""
            SELECT queue_id, priority, message_id FROM delivery
            WHERE state = 2 AND due > ?1 AND enqueued > ?1 AND due - enqueued <= ?2 LIMIT ?3
            """);
        _shortestAhead = database.Prepare(
            "SELECT min(due - enqueued) FROM delivery WHERE state = 2 AND due > ?1 AND enqueued > ?1");
    }

    /// <summary>Writes a message's content.</summary>
    public long InsertMessage(Message message, int deliveries, long? due)
    {
        _insertMessage.Bind(1, deliveries).Bind(2, due).Bind(3, message.SchedulingTokenId).Bind(4, (Guid?)message.TransportMessageId)
            .Bind(5, message.MessageId).Bind(6, message.CorrelationId).Bind(7, message.ConversationId).Bind(8, message.RequestId)
            .Bind(9, message.InitiatorId)
            .Bind(10, message.SourceAddress?.AbsoluteUri).Bind(11, message.DestinationAddress?.AbsoluteUri)
            .Bind(12, message.ResponseAddress?.AbsoluteUri).Bind(13, message.FaultAddress?.AbsoluteUri)
            .Bind(14, message.SentTime is { } sent ? Clock.Of(sent) : null).Bind(15, message.RoutingKey)
            .Bind(16, message.ContentType).Bind(17, message.MessageType).Bind(18, message.Headers).Bind(19, message.Host)
            .Bind(20, message.BinaryBody.AsSpan()).Run();

        var id = _database.LastInsertedId;
        if (deliveries > 1)
            _insertShared.Bind(1, id).Bind(2, deliveries).Run();

        return id;
    }

    public void Insert(BrokerQueue queue, Message message, long id, int state, long now, long? due, long? owner) =>
        _insert.Bind(1, queue.Id).Bind(2, state).Bind(3, message.Priority).Bind(4, id).Bind(5, now).Bind(6, due).Bind(7, message.Expires)
            .Bind(8, owner).Bind(9, owner is null ? (long?)null : message.Lock).Bind(10, owner is null ? 0L : 1L)
            .Bind(11, message.PartitionKey).Run();

    /// <summary>The next messages that are ready, in the order of their delivery.</summary>
    public List<Message> Next(BrokerQueue queue, int limit) => MessageReader.Read(_next.Bind(1, queue.Id).Bind(2, limit), queue);

    public void Lock(Message message, long owner) =>
        _lock.Bind(1, message.QueueId).Bind(2, message.Priority).Bind(3, message.MessageDeliveryId).Bind(4, owner).Bind(5, message.Lock)
            .Run();

    /// <summary>Deletes a locked delivery, and the message with its last one.</summary>
    public bool Delete(Message message, long owner)
    {
        if (BindKey(_delete, message, owner).Run() == 0)
            return false;

        DeleteContent(message.MessageDeliveryId, message.Deliveries);
        return true;
    }

    /// <summary>Deletes a message's content if the delivery that was just deleted was its last.</summary>
    public void DeleteContent(long id, long deliveries)
    {
        if (deliveries > 1)
        {
            if (_deleteShared.Bind(1, id).Value() > 0)
                return;

            _database.Execute($"DELETE FROM shared WHERE message_id = {id}");
        }

        _deleteMessage.Bind(1, id).Run();
    }

    /// <summary>Unlocks a delivery: at its place, later, or in another queue.</summary>
    /// <param name="message">The delivery.</param>
    /// <param name="owner">The process that has locked it.</param>
    /// <param name="queue">The queue that it is in from now on.</param>
    /// <param name="due">When it is due; null if it is now.</param>
    /// <param name="headers">Its transport headers.</param>
    /// <param name="deliveryCount">How often it counts as delivered.</param>
    /// <param name="expires">When it expires; null for never.</param>
    /// <param name="delayed">Where it is due later, the time at present.</param>
    public bool Place(Message message, long owner, BrokerQueue queue, long? due, string? headers, int deliveryCount, long? expires,
        long? delayed = null) =>
        Place(message, message.MessageDeliveryId, owner, queue, due, headers, deliveryCount, expires, delayed);

    /// <summary>
    /// Unlocks a delivery for a later time, behind all that are in the queue now. Messages that fail faster than the others can be worked
    /// on would otherwise be the first of the queue again each time, and nothing else would get through.
    /// </summary>
    public void PlaceBehind(Message message, long owner, BrokerQueue queue, long due, string? headers, int deliveryCount, long? expires,
        long delayed)
    {
        // A message's number is its place: the one that is numbered last is the last in every queue.
        _copyMessage.Bind(1, message.MessageDeliveryId).Run();
        var copy = _database.LastInsertedId;

        if (Place(message, copy, owner, queue, due, headers, deliveryCount, expires, delayed))
            DeleteContent(message.MessageDeliveryId, message.Deliveries);
        else
            DeleteContent(copy, deliveries: 1);
    }

    /// <summary>Unlocks whatever a dead process has locked in a queue, as delivered before, and no more often than that.</summary>
    public int Release(BrokerQueue queue, long owner) => _release.Bind(1, queue.Id).Bind(2, owner).Run();

    /// <summary>Makes delayed messages ready whose time has come.</summary>
    /// <returns>Their queues, once per message.</returns>
    public List<long> Promote(long now, int limit) => Promote(_due.Bind(1, now).Bind(2, limit));

    public long? NextDue() => _nextDue.Value();

    /// <summary>
    /// Makes messages ready that were delayed after a time, for no longer than so many microseconds.
    /// </summary>
    /// <returns>Their queues, once per message.</returns>
    public List<long> PromoteDelayedAfter(long time, long delay, int limit) =>
        Promote(_dueAhead.Bind(1, time).Bind(2, delay).Bind(3, limit));

    /// <summary>Gets the shortest delay, in microseconds, of a message that was delayed after a time; null if there is none.</summary>
    public long? ShortestDelayAfter(long time) => _shortestAhead.Bind(1, time).Value();

    List<long> Promote(Statement rows)
    {
        var due = new List<(long Queue, long Priority, long Message)>();
        while (rows.Step())
            due.Add((rows.Long(0), rows.Long(1), rows.Long(2)));

        foreach (var (queue, priority, message) in due)
            _promote.Bind(1, queue).Bind(2, priority).Bind(3, message).Run();

        return due.ConvertAll(delivery => delivery.Queue);
    }

    bool Place(Message message, long id, long owner, BrokerQueue queue, long? due, string? headers, int deliveryCount, long? expires,
        long? delayed) =>
        BindKey(_place, message, owner).Bind(6, queue.Id).Bind(7, due is null ? Ready : Delayed).Bind(8, due).Bind(9, headers)
            .Bind(10, deliveryCount).Bind(11, expires).Bind(12, id).Bind(13, delayed).Run() > 0;

    static Statement BindKey(Statement statement, Message message, long owner) =>
        statement.Bind(1, message.QueueId).Bind(2, message.Priority).Bind(3, message.MessageDeliveryId).Bind(4, owner)
            .Bind(5, message.Lock);
}
