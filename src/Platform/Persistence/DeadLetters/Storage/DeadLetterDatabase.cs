using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MaestroBus.Persistence;

/// <summary>Runs the statements of the dead letters, which both databases understand, with parameters named <c>@name</c>.</summary>
sealed class DeadLetterDatabase(BusDatabase database)
{
    public bool IsPostgres => database.DataSource is not null;

    /// <summary>Keeps others from the rows that a statement has read, until its transaction ends. SQLite has one writer at a time anyway.</summary>
    public string ForUpdate => IsPostgres ? " FOR UPDATE" : "";

    public async Task<T> Read<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await database.Open(cancellationToken);
        return await read(connection);
    }

    /// <summary>Does something in one transaction, which is undone if it throws.</summary>
    public async Task<T> Write<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken)
    {
        using var turn = await database.Write(cancellationToken);
        await using var connection = await database.Open(cancellationToken);
        await using var transaction = connection is SqliteConnection sqlite
            ? sqlite.BeginTransaction(deferred: false)
            : await connection.BeginTransactionAsync(cancellationToken);
        var result = await write(connection, transaction);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    public static DbCommand Command(DbConnection connection, DbTransaction? transaction, string statement, params IEnumerable<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = statement;
        command.Transaction = transaction;
        Set(command, parameters);
        return command;
    }

    public static async Task<int> Execute(
        DbConnection connection, DbTransaction? transaction, string statement, CancellationToken cancellationToken, params IEnumerable<(string Name, object? Value)> parameters)
    {
        await using var command = Command(connection, transaction, statement, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The first column of the first row.</summary>
    public static async Task<object?> Scalar(
        DbConnection connection, DbTransaction? transaction, string statement, CancellationToken cancellationToken, params IEnumerable<(string Name, object? Value)> parameters)
    {
        await using var command = Command(connection, transaction, statement, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is var value and not DBNull ? value : null;
    }

    public static async Task<List<T>> Query<T>(
        DbConnection connection, DbTransaction? transaction, string statement, Func<DbDataReader, T> read, CancellationToken cancellationToken,
        params IEnumerable<(string Name, object? Value)> parameters)
    {
        await using var command = Command(connection, transaction, statement, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));

        return rows;
    }

    /// <summary>Runs one statement for each of many rows: in one message to PostgreSQL, prepared once on SQLite.</summary>
    /// <returns>For each row, how many rows it has changed.</returns>
    public static async Task<IReadOnlyList<int>> ExecuteMany(
        DbConnection connection, DbTransaction transaction, string statement, IReadOnlyList<IReadOnlyList<(string Name, object? Value)>> rows, CancellationToken cancellationToken)
    {
        if (connection is NpgsqlConnection postgres)
        {
            await using var batch = new NpgsqlBatch(postgres, (NpgsqlTransaction)transaction);
            foreach (var row in rows)
            {
                var command = new NpgsqlBatchCommand(statement);
                foreach (var (name, value) in row)
                    command.Parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
                batch.BatchCommands.Add(command);
            }

            await batch.ExecuteNonQueryAsync(cancellationToken);
            return [.. batch.BatchCommands.OfType<NpgsqlBatchCommand>().Select(command => (int)command.RecordsAffected)];
        }

        await using var prepared = Command(connection, transaction, statement);
        var changes = new List<int>(rows.Count);
        foreach (var row in rows)
        {
            Set(prepared, row);
            changes.Add(await prepared.ExecuteNonQueryAsync(cancellationToken));
        }

        return changes;
    }

    static void Set(DbCommand command, IEnumerable<(string Name, object? Value)> parameters)
    {
        command.Parameters.Clear();
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }
    }
}
