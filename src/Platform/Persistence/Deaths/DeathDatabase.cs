using static Maestro.Bus.Persistence.DatabaseCommands;

namespace Maestro.Bus.Persistence;

/// <summary>A process of the bus as the database knows it, with the database's time of the look at it.</summary>
sealed record KnownProcess(string Id, ProcessIdentity Identity, long Seen, long? Died, long Now);

/// <summary>The statements on processes and suspects.</summary>
/// <param name="database">The database.</param>
/// <param name="inbox">Knows what was handled; null in a host without an inbox.</param>
sealed class DeathDatabase(BusDatabase database, IOutboxStore? inbox = null)
{
    readonly string _now = database.Provider == DatabaseProvider.Sqlite
        ? SqliteOutboxSchema.Now
        : "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)";

    /// <summary>Notes that a process lives, whatever others have noted of it.</summary>
    public Task ShowLife(string id, ProcessIdentity own, CancellationToken cancellationToken) => Write(
        $"""
        INSERT INTO bus_process (id, place, pid, started, seen) VALUES (@id, @place, @pid, @started, {_now})
        ON CONFLICT (id) DO UPDATE SET seen = {_now}, died = NULL
        """,
        cancellationToken, ("id", id), ("place", own.Place), ("pid", own.Pid), ("started", own.Started));

    /// <summary>Forgets a process that stops.</summary>
    public Task Leave(string id, CancellationToken cancellationToken) =>
        Write("DELETE FROM bus_process WHERE id = @id", cancellationToken, ("id", id));

    /// <summary>The processes other than one.</summary>
    public async Task<List<KnownProcess>> Others(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.Open(cancellationToken);
        await using var command = Command(
            connection, null, $"SELECT id, place, pid, started, seen, died, {_now} FROM bus_process WHERE id <> @id", ("id", id));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<KnownProcess>();
        while (await reader.ReadAsync(cancellationToken))
            found.Add(new KnownProcess(
                reader.GetString(0),
                new ProcessIdentity(reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3)),
                reader.GetInt64(4),
                await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetInt64(5),
                reader.GetInt64(6)));

        return found;
    }

    /// <summary>Notes the death of a process, once, and counts it against the message that it handled alone.</summary>
    /// <param name="process">The process as it was found: one that has shown life since is not dead.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether this caller was the first.</returns>
    public Task<bool> Bury(KnownProcess process, CancellationToken cancellationToken) => database.Write(
        async (connection, transaction) =>
        {
            var isFirst = await Execute(
                connection, transaction, $"UPDATE bus_process SET died = {_now} WHERE id = @id AND died IS NULL AND seen = @seen",
                cancellationToken, ("id", process.Id), ("seen", process.Seen)) == 1;
            if (isFirst)
                await Execute(
                    connection, transaction, "UPDATE bus_suspect SET deaths = deaths + 1, process = NULL WHERE process = @id",
                    cancellationToken, ("id", process.Id));
            return isFirst;
        },
        cancellationToken);

    /// <summary>How many processes have ended while they handled a message alone; null for one that nothing is noted of.</summary>
    public async Task<int?> Deaths(string queue, string message, CancellationToken cancellationToken)
    {
        await using var connection = await database.Open(cancellationToken);
        await using var command = Command(
            connection, null, "SELECT deaths FROM bus_suspect WHERE queue = @queue AND message = @message", ("queue", queue),
            ("message", message));
        return await command.ExecuteScalarAsync(cancellationToken) is { } deaths and not DBNull
            ? Convert.ToInt32(deaths, System.Globalization.CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>How many processes have ended while they handled a message alone, for each of a queue's messages that one has.</summary>
    public async Task<Dictionary<string, int>> Deaths(string queue, CancellationToken cancellationToken)
    {
        await using var connection = await database.Open(cancellationToken);
        await using var command = Command(
            connection, null, "SELECT message, deaths FROM bus_suspect WHERE queue = @queue AND deaths > 0", ("queue", queue));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            found[reader.GetString(0)] = reader.GetInt32(1);

        return found;
    }

    /// <summary>Whether a consumer has handled a message in a transaction that is committed.</summary>
    public async Task<bool> IsHandled(Guid message, Guid consumer, CancellationToken cancellationToken)
    {
        if (inbox is null)
            return false;

        await using var connection = await database.Open(cancellationToken);
        return await inbox.IsHandled(connection, message, consumer, cancellationToken);
    }

    /// <summary>Notes that a process handles a message alone.</summary>
    public Task Begin(string queue, string message, string process, CancellationToken cancellationToken) => Write(
        $"""
        INSERT INTO bus_suspect (queue, message, deaths, process, noted) VALUES (@queue, @message, 0, @process, {_now})
        ON CONFLICT (queue, message) DO UPDATE SET process = excluded.process, noted = excluded.noted
        """,
        cancellationToken, ("queue", queue), ("message", message), ("process", process));

    /// <summary>Notes that no process handles a message alone.</summary>
    public Task Pause(string queue, string message, CancellationToken cancellationToken) => Write(
        "UPDATE bus_suspect SET process = NULL WHERE queue = @queue AND message = @message", cancellationToken, ("queue", queue),
        ("message", message));

    /// <summary>Forgets a suspicion.</summary>
    public Task Clear(string queue, string message, CancellationToken cancellationToken) => Write(
        "DELETE FROM bus_suspect WHERE queue = @queue AND message = @message", cancellationToken, ("queue", queue), ("message", message));

    /// <summary>Forgets the deaths and suspects of long ago: a message that went elsewhere is not asked for again.</summary>
    public async Task Forget(TimeSpan deaths, TimeSpan suspects, CancellationToken cancellationToken)
    {
        await Write($"DELETE FROM bus_process WHERE died < {_now} - @age", cancellationToken, ("age", (long)deaths.TotalMilliseconds));
        await Write($"DELETE FROM bus_suspect WHERE noted < {_now} - @age", cancellationToken, ("age", (long)suspects.TotalMilliseconds));
    }

    async Task Write(string statement, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        using var turn = await database.Write(cancellationToken);
        await using var connection = await database.Open(cancellationToken);
        await Execute(connection, null, statement, cancellationToken, parameters);
    }
}
