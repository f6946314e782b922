namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// The messages that were with a process when it ended without stopping, and how many processes have ended while they handled them alone.
/// Nearly always empty,
/// and then nothing is read for a message. Used on the writer's thread, within its transactions.
/// </summary>
sealed class SuspectTable
{
    readonly Statement _any;
    readonly Statement _find;
    readonly Statement _add;
    readonly Statement _died;
    readonly Statement _setOwner;
    readonly Statement _delete;
    readonly Statement _deleteOrphans;
    bool _isEmpty;

    public SuspectTable(Database database)
    {
        _any = database.Prepare("SELECT EXISTS (SELECT 1 FROM suspect)");
        _find = database.Prepare("SELECT deaths FROM suspect WHERE queue_id = ?1 AND message_id = ?2");
        _add = database.Prepare("""
            INSERT INTO suspect (queue_id, message_id, deaths)
            SELECT queue_id, message_id, 0 FROM delivery WHERE queue_id = ?1 AND state = 1 AND owner_id = ?2
            ON CONFLICT DO NOTHING
            """);
        _died = database.Prepare("UPDATE suspect SET deaths = deaths + 1, owner_id = NULL WHERE owner_id = ?1");
        _setOwner = database.Prepare("UPDATE suspect SET owner_id = ?3 WHERE queue_id = ?1 AND message_id = ?2");
        _delete = database.Prepare("DELETE FROM suspect WHERE queue_id = ?1 AND message_id = ?2");
        _deleteOrphans = database.Prepare("""
            DELETE FROM suspect WHERE NOT EXISTS (
                SELECT 1 FROM delivery d WHERE d.queue_id = suspect.queue_id AND d.message_id = suspect.message_id AND d.state IN (0, 1, 2))
            """);
        Refresh();
    }

    /// <summary>Learns of suspects that other processes have added, or that are undone.</summary>
    public void Refresh() => _isEmpty = _any.Value() == 0;

    /// <summary>Counts the death of a process against the message that it handled alone, and forgets messages that are gone.</summary>
    public void CountDeath(long owner)
    {
        _died.Bind(1, owner).Run();
        _deleteOrphans.Run();
    }

    /// <summary>Adds the messages of a queue that a dead process holds.</summary>
    public void Add(BrokerQueue queue, long owner)
    {
        if (_add.Bind(1, queue.Id).Bind(2, owner).Run() > 0)
            _isEmpty = false;
    }

    /// <summary>How many processes have ended while they handled a message alone; null for a message that is not a suspect.</summary>
    public int? Deaths(Message message)
    {
        if (_isEmpty)
            return null;

        return (int?)_find.Bind(1, message.QueueId).Bind(2, message.MessageDeliveryId).Value();
    }

    /// <summary>Notes that a process handles a message alone; null for none.</summary>
    public void SetOwner(Message message, long? owner) =>
        _setOwner.Bind(1, message.QueueId).Bind(2, message.MessageDeliveryId).Bind(3, owner).Run();

    /// <summary>Forgets a suspicion.</summary>
    public void Delete(Message message)
    {
        _delete.Bind(1, message.QueueId).Bind(2, message.MessageDeliveryId).Run();
        Refresh();
    }
}
