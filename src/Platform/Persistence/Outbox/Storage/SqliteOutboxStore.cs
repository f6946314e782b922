using System.Data.Common;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Persistence;

/// <summary>
/// The outbox's and inbox's tables on SQLite. The file has one writer at a time, so the lock that PostgreSQL has on a row is here the one
/// on the file.
/// </summary>
sealed class SqliteOutboxStore(BusDatabase database) : IOutboxStore
{
    const string Columns = "sequence, partition, attempts, message_id, ordering_key, destination, metadata, body, state";
    const string Now = SqliteOutboxSchema.Now;

    bool? _hasLog;

    /// <summary>Puts on the disk what the transactions of messages have committed.</summary>
    internal SqliteFlush Log { get; } = new(database.Path);

    public async Task Insert(
        DbConnection connection, DbTransaction? transaction, IReadOnlyList<WaitingMessage> messages, CancellationToken cancellationToken)
    {
        await using var command = Command(
            (SqliteConnection)connection,
            """
            INSERT INTO outbox_message (partition, message_id, ordering_key, destination, metadata, body)
            VALUES ($partition, $message, $key, $destination, $metadata, $body)
            """);
        command.Transaction = (SqliteTransaction?)transaction;

        foreach (var message in messages)
        {
            command.Parameters.Clear();
            command.Parameters.AddWithValue("$partition", message.Partition);
            command.Parameters.AddWithValue("$message", message.MessageId);
            command.Parameters.AddWithValue("$key", DatabaseText.Clean(message.OrderingKey));
            command.Parameters.AddWithValue("$destination", DatabaseText.Clean(message.Destination));
            command.Parameters.AddWithValue("$metadata", message.Metadata);
            command.Parameters.AddWithValue("$body", message.Body);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public bool TryAppend(DbCommand command, IReadOnlyList<WaitingMessage> messages) => false;

    public bool HasOneWriter => true;

    public async Task Prepare(DbConnection connection, CancellationToken cancellationToken)
    {
        if (await HasLog(connection, cancellationToken))
            await DatabaseCommands.Execute(connection, null, "PRAGMA synchronous = NORMAL", cancellationToken);
    }

    public Task Restore(DbConnection connection) =>
        _hasLog == true && connection.State == System.Data.ConnectionState.Open
            ? DatabaseCommands.Execute(connection, null, "PRAGMA synchronous = FULL", CancellationToken.None)
            : Task.CompletedTask;

    public Task Flush() => _hasLog == true ? Log.Flush() : Task.CompletedTask;

    public async Task<bool> IsHandled(DbConnection connection, Guid messageId, Guid consumerId, CancellationToken cancellationToken)
    {
        await using var command = Command(
            (SqliteConnection)connection, "SELECT 1 FROM inbox_state WHERE message_id = $message AND consumer_id = $consumer",
            ("$message", messageId), ("$consumer", consumerId));
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    public async Task<bool> TryEnter(
        DbConnection connection, DbTransaction transaction, Guid messageId, Guid consumerId, CancellationToken cancellationToken)
    {
        await using var command = Command(
            (SqliteConnection)connection,
            "INSERT INTO inbox_state (message_id, consumer_id) VALUES ($message, $consumer) ON CONFLICT DO NOTHING",
            ("$message", messageId), ("$consumer", consumerId));
        command.Transaction = (SqliteTransaction)transaction;
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    // An application's own database may be in another mode, where every commit is put on the disk by itself.
    async Task<bool> HasLog(DbConnection connection, CancellationToken cancellationToken)
    {
        if (_hasLog is { } known)
            return known;

        await using var command = Command((SqliteConnection)connection, "PRAGMA journal_mode");
        _hasLog = await command.ExecuteScalarAsync(cancellationToken) is "wal" && File.Exists(database.Path);
        return _hasLog.Value;
    }

    public async Task<List<WaitingMessage>> Read(
        IReadOnlyList<short> partitions, long[] inHand, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await Open(cancellationToken);
        var messages = new List<WaitingMessage>();
        var known = JsonSerializer.Serialize(inHand);

        foreach (var partition in partitions)
        {
            await using var command = Command(
                connection,
                $"""
                SELECT {Columns} FROM outbox_message
                WHERE partition = $partition AND state = 0 AND sequence NOT IN (SELECT value FROM json_each($known)) ORDER BY sequence
                    LIMIT $limit
                """,
                ("$partition", partition), ("$known", known), ("$limit", limit));
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            messages.AddRange(await OutboxReader.Read(reader, cancellationToken));
        }

        // A message that another has committed may be read before it is on the disk. Nothing is sent that a loss of power takes back.
        if (messages.Count > 0 && await HasLog(connection, cancellationToken))
            await Log.Flush();

        return messages;
    }

    public async Task<List<WaitingMessage>> ReadParked(
        IReadOnlyList<short> partitions, string destination, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await Open(cancellationToken);
        await using var command = Command(
            connection,
            $"""
            SELECT {Columns} FROM outbox_message
            WHERE partition IN ({string.Join(',', partitions)}) AND destination = $destination AND state = 1 ORDER BY sequence LIMIT $limit
            """,
            ("$destination", destination), ("$limit", limit));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await OutboxReader.Read(reader, cancellationToken);
    }

    public async Task<List<string>> ReadParkedDestinations(IReadOnlyList<short> partitions, CancellationToken cancellationToken)
    {
        await using var connection = await Open(cancellationToken);
        await using var command = Command(
            connection,
            $"SELECT DISTINCT destination FROM outbox_message WHERE partition IN ({string.Join(',', partitions)}) AND state = 1");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);

        var destinations = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            destinations.Add(reader.GetString(0));

        return destinations;
    }

    public async Task<bool> Holds(WaitingMessage message, CancellationToken cancellationToken)
    {
        await using var connection = await Open(cancellationToken);
        await using var command = Command(
            connection, "SELECT count(*) FROM outbox_message WHERE partition = $partition AND message_id = $message AND state IN (0, 1)",
            ("$partition", message.Partition), ("$message", message.MessageId));
        return (long)(await command.ExecuteScalarAsync(cancellationToken))! > 0;
    }

    public async Task<long> CountFor(
        DbConnection connection, DbTransaction transaction, string destination, CancellationToken cancellationToken)
    {
        await using var command = Command(
            (SqliteConnection)connection, "SELECT count(*) FROM outbox_message WHERE destination = $destination AND state IN (0, 1)",
            ("$destination", destination));
        command.Transaction = (SqliteTransaction)transaction;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public Task Settle(Settled settled, CancellationToken cancellationToken) => Write(
        async connection =>
        {
            await Run("DELETE FROM outbox_message", "", settled.Sent);
            await Run("UPDATE outbox_message SET state = 1", "AND state = 0", settled.Parked);
            await Run("UPDATE outbox_message SET state = 1, attempts = attempts + 1", "", settled.Refused);
            await Run("UPDATE outbox_message SET state = 2, attempts = attempts + 1", "", settled.GivenUp);
            return true;

            async Task Run(string statement, string condition, List<WaitingMessage> messages)
            {
                if (messages.Count == 0)
                    return;

                await using var command = Command(connection,
                    $"{statement} WHERE sequence IN ({string.Join(',', messages.Select(message => message.Sequence))}) {condition}");
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        },
        cancellationToken);

    public Task<int> ForgetHandled(TimeSpan window, int limit, CancellationToken cancellationToken) => Write(
        async connection =>
        {
            await using var command = Command(
                connection,
                $"""
                DELETE FROM inbox_state WHERE (message_id, consumer_id) IN (
                    SELECT message_id, consumer_id FROM inbox_state WHERE handled < {Now} - $window ORDER BY handled LIMIT $limit)
                """,
                ("$window", (long)window.TotalMilliseconds), ("$limit", limit));
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    public async Task<OutboxBacklog> Measure(CancellationToken cancellationToken)
    {
        await using var connection = await Open(cancellationToken);
        await using var command = Command(
            connection,
            """
            SELECT (SELECT count(*) FROM outbox_message WHERE state = 0), (SELECT count(*) FROM outbox_message WHERE state = 1),
                   (SELECT count(*) FROM outbox_message WHERE state = 2), (SELECT created FROM outbox_message WHERE state <> 2
                       ORDER BY sequence LIMIT 1)
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new OutboxBacklog(
            reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2),
            reader.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(3)));
    }

    static SqliteCommand Command(SqliteConnection connection, string statement, params (string Name, object Value)[] parameters)
    {
        // It takes the connection's transaction by itself.
        var command = connection.CreateCommand();
        command.CommandText = statement;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, DatabaseText.Clean(value));

        return command;
    }

    async Task<SqliteConnection> Open(CancellationToken cancellationToken) => (SqliteConnection)await database.Open(cancellationToken);

    Task<T> Write<T>(Func<SqliteConnection, Task<T>> write, CancellationToken cancellationToken) =>
        database.Write((connection, _) => write((SqliteConnection)connection), cancellationToken);
}
