using System.Data.Common;
using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>Runs the statements of the dead letters, which both databases understand, with parameters named <c>@name</c>.</summary>
sealed class DeadLetterDatabase(BusDatabase database)
{
    public bool IsPostgres => database.DataSource is not null;

    /// <summary>
    /// Keeps others from the rows that a statement has read, until its transaction ends. SQLite has one writer at a time anyway.
    /// </summary>
    public string ForUpdate => IsPostgres ? " FOR UPDATE" : "";

    public Task<T> Read<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) => database.Read(read, cancellationToken);

    /// <summary>Does something in one transaction, which is undone if it throws.</summary>
    public Task<T> Write<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        database.Write(write, cancellationToken);

    /// <summary>The first column of the first row.</summary>
    public static async Task<object?> Scalar(
        DbConnection connection, DbTransaction? transaction, string statement, CancellationToken cancellationToken,
        params IEnumerable<(string Name, object? Value)> parameters)
    {
        await using var command = DatabaseCommands.Command(connection, transaction, statement, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is var value and not DBNull ? value : null;
    }

    public static async Task<List<T>> Query<T>(
        DbConnection connection, DbTransaction? transaction, string statement, Func<DbDataReader, T> read,
        CancellationToken cancellationToken,
        params IEnumerable<(string Name, object? Value)> parameters)
    {
        await using var command = DatabaseCommands.Command(connection, transaction, statement, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));

        return rows;
    }

    /// <summary>Runs one statement for each of many rows: in one message to PostgreSQL, prepared once on SQLite.</summary>
    /// <returns>For each row, how many rows it has changed.</returns>
    public static async Task<IReadOnlyList<int>> ExecuteMany(
        DbConnection connection, DbTransaction transaction, string statement,
        IReadOnlyList<IReadOnlyList<(string Name, object? Value)>> rows, CancellationToken cancellationToken)
    {
        if (connection is NpgsqlConnection postgres)
        {
            await using var batch = new NpgsqlBatch(postgres, (NpgsqlTransaction)transaction);
            foreach (var row in rows)
            {
                var command = new NpgsqlBatchCommand(statement);
                foreach (var (name, value) in row)
                    command.Parameters.Add(new NpgsqlParameter(name, DatabaseText.Clean(value)));
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
            return [.. batch.BatchCommands.OfType<NpgsqlBatchCommand>().Select(command => (int)command.RecordsAffected)];
        }

        await using var prepared = DatabaseCommands.Command(connection, transaction, statement);
        var changes = new List<int>(rows.Count);
        foreach (var row in rows)
        {
            DatabaseCommands.Set(prepared, row);
            changes.Add(await prepared.ExecuteNonQueryAsync(cancellationToken));
        }

        return changes;
    }
}
