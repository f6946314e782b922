using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Maestro.Bus.Persistence;

/// <summary>The outbox's and inbox's tables on PostgreSQL.</summary>
/// <param name="database">The database.</param>
/// <param name="prepares">Whether statements that run for every message are prepared, once per connection.</param>
sealed class PostgresOutboxStore(NpgsqlDataSource database, bool prepares) : IOutboxStore
{
    const string Columns = "m.sequence, m.partition, m.attempts, m.message_id, m.ordering_key, m.destination, m.metadata, m.body, m.state";

    public async Task Insert(
        DbConnection connection, DbTransaction? transaction, IReadOnlyList<WaitingMessage> messages, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(null, (NpgsqlConnection)connection, (NpgsqlTransaction?)transaction);
        Append(command, messages);
        if (prepares)
            await command.PrepareAsync(cancellationToken);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public bool TryAppend(DbCommand command, IReadOnlyList<WaitingMessage> messages)
    {
        command.CommandText += ";\n";
        Append((NpgsqlCommand)command, messages);
        return true;
    }

    public bool HasOneWriter => false;

    public async Task<bool> IsHandled(DbConnection connection, Guid messageId, Guid consumerId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT 1 FROM inbox_state WHERE message_id = $1 AND consumer_id = $2", (NpgsqlConnection)connection)
        {
            Parameters = { Of(messageId), Of(consumerId) },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    public async Task<bool> TryEnter(
        DbConnection connection, DbTransaction transaction, Guid messageId, Guid consumerId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "INSERT INTO inbox_state (message_id, consumer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            (NpgsqlConnection)connection, (NpgsqlTransaction)transaction)
        {
            Parameters = { Of(messageId), Of(consumerId) },
        };
        if (prepares)
            await command.PrepareAsync(cancellationToken);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    public Task<List<WaitingMessage>> Read(
        IReadOnlyList<short> partitions, long[] inHand, int limit, CancellationToken cancellationToken) =>
        Query(
            $"""
            SELECT {Columns} FROM unnest($1) AS p (partition) CROSS JOIN LATERAL (
                SELECT * FROM outbox_message o WHERE o.partition = p.partition AND o.state = 0 AND o.sequence NOT IN (SELECT unnest($3))
                    ORDER BY o.sequence LIMIT $2) m
            """,
            cancellationToken,
            Of(partitions.ToArray()), Of(limit), Of(inHand));

    public Task<List<WaitingMessage>> ReadParked(
        IReadOnlyList<short> partitions, string destination, int limit, CancellationToken cancellationToken) =>
        Query(
            $"""
            SELECT {Columns} FROM unnest($1) AS p (partition) CROSS JOIN LATERAL (
                SELECT * FROM outbox_message o WHERE o.partition = p.partition AND o.destination = $2 AND o.state = 1 ORDER BY o.sequence
                    LIMIT $3) m
            ORDER BY m.sequence LIMIT $3
            """,
            cancellationToken,
            Of(partitions.ToArray()), Of(destination), Of(limit));

    public async Task<List<string>> ReadParkedDestinations(IReadOnlyList<short> partitions, CancellationToken cancellationToken)
    {
        // Steps from one destination to the next in the index: counting them off would read every parked message.
        await using var command = database.CreateCommand(
            """
            SELECT DISTINCT d.destination FROM unnest($1) AS p (partition) CROSS JOIN LATERAL (
                WITH RECURSIVE next AS (
                    (SELECT destination FROM outbox_message WHERE partition = p.partition AND state = 1 ORDER BY destination LIMIT 1)
                    UNION ALL
                    SELECT (SELECT o.destination FROM outbox_message o WHERE o.partition = p.partition AND o.state = 1
                        AND o.destination > next.destination
                            ORDER BY o.destination LIMIT 1)
                    FROM next WHERE next.destination IS NOT NULL)
                SELECT destination FROM next WHERE destination IS NOT NULL) d
            """);
        command.Parameters.Add(Of(partitions.ToArray()));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var destinations = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            destinations.Add(reader.GetString(0));

        return destinations;
    }

    public async Task<bool> Holds(WaitingMessage message, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT count(*) FROM outbox_message WHERE partition = $1 AND message_id = $2 AND state IN (0, 1)");
        command.Parameters.Add(Of(message.Partition));
        command.Parameters.Add(Of(message.MessageId));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! > 0;
    }

    public async Task<long> CountFor(
        DbConnection connection, DbTransaction transaction, string destination, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT count(*) FROM outbox_message WHERE destination = $1 AND state IN (0, 1)",
            (NpgsqlConnection)connection, (NpgsqlTransaction)transaction)
        {
            Parameters = { Of(destination) },
        };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task Settle(Settled settled, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        // Nothing waits for the disk: what a crash of the server makes forgotten is sent again, and what was parked is tried again.
        batch.BatchCommands.Add(new("SELECT set_config('synchronous_commit', 'off', true)"));
        Add("DELETE FROM outbox_message WHERE sequence = ANY ($1)", settled.Sent);
        Add("UPDATE outbox_message SET state = 1 WHERE sequence = ANY ($1) AND state = 0", settled.Parked);
        Add("UPDATE outbox_message SET state = 1, attempts = attempts + 1 WHERE sequence = ANY ($1)", settled.Refused);
        Add("UPDATE outbox_message SET state = 2, attempts = attempts + 1 WHERE sequence = ANY ($1)", settled.GivenUp);
        if (prepares)
            await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);

        void Add(string statement, List<WaitingMessage> messages)
        {
            if (messages.Count > 0)
                batch.BatchCommands.Add(
                    new NpgsqlBatchCommand(statement) { Parameters = { Of(messages.Select(message => message.Sequence).ToArray()) } });
        }
    }

    public async Task<int> ForgetHandled(TimeSpan window, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            DELETE FROM inbox_state WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM inbox_state WHERE handled < now() - $1 ORDER BY handled LIMIT $2 FOR UPDATE SKIP LOCKED))
            """);
        command.Parameters.Add(Of(window));
        command.Parameters.Add(Of(limit));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<OutboxBacklog> Measure(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT (SELECT count(*) FROM outbox_message WHERE state = 0), (SELECT count(*) FROM outbox_message WHERE state = 1),
                   (SELECT count(*) FROM outbox_message WHERE state = 2), (SELECT created FROM outbox_message WHERE state <> 2
                       ORDER BY sequence LIMIT 1)
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new OutboxBacklog(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2),
            reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3));
    }

    // Named parameters, for a command of Entity Framework's has its own already.
    static void Append(NpgsqlCommand command, IReadOnlyList<WaitingMessage> messages)
    {
        command.CommandText += messages.Count == 1
            ? "INSERT INTO outbox_message (partition, message_id, ordering_key, destination, metadata, body) VALUES (@ob1, @ob2, @ob3, "
                + "@ob4, @ob5, @ob6)"
            : "INSERT INTO outbox_message (partition, message_id, ordering_key, destination, metadata, body) SELECT * FROM unnest(@ob1, "
                + "@ob2, @ob3, @ob4, @ob5, @ob6)";

        if (messages is [var message])
        {
            Add(1, Of(message.Partition));
            Add(2, Of(message.MessageId));
            Add(3, Of(message.OrderingKey));
            Add(4, Of(message.Destination));
            Add(5, Of(message.Metadata));
            Add(6, Of(message.Body));
        }
        else
        {
            Add(1, Of(messages.Select(message => message.Partition).ToArray()));
            Add(2, Of(messages.Select(message => message.MessageId).ToArray()));
            Add(3, Of(messages.Select(message => message.OrderingKey).ToArray()));
            Add(4, Of(messages.Select(message => message.Destination).ToArray()));
            Add(5, Of(messages.Select(message => message.Metadata).ToArray()));
            Add(6, Of(messages.Select(message => message.Body).ToArray()));
        }

        void Add(int number, NpgsqlParameter parameter)
        {
            parameter.ParameterName = $"ob{number}";
            command.Parameters.Add(parameter);
        }
    }

    static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = (T)DatabaseText.Clean(value) };

    static NpgsqlParameter<byte[][]> Of(byte[][] value) =>
        new() { TypedValue = value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };

    async Task<List<WaitingMessage>> Query(string statement, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection);
        command.Parameters.AddRange(parameters);
        if (prepares)
            await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await OutboxReader.Read(reader, cancellationToken);
    }
}
