using System.Data.Common;
using Npgsql;

namespace Maestro.Bus.Jobs;

/// <summary>Statements on one connection, in one transaction where there is one.</summary>
sealed class JobSession(DbConnection connection, DbTransaction? transaction)
{
    const int BatchSize = 1_000;

    public DbConnection Connection => connection;

    public DbTransaction? Transaction => transaction;

    public bool IsPostgres => connection is NpgsqlConnection;

    public async Task<List<T>> Query<T>(
        string statement, Func<DbDataReader, T> read, CancellationToken cancellationToken, params Argument[] arguments)
    {
        await using var command = Command(statement, arguments);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));

        return rows;
    }

    public async Task<int> Execute(string statement, CancellationToken cancellationToken, params Argument[] arguments)
    {
        await using var command = Command(statement, arguments);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Runs a statement once for each list of arguments, in one round trip where the database can, and returns all rows in order.
    /// </summary>
    public Task<List<T>> QueryEach<T>(
        string statement, Func<DbDataReader, T> read, IReadOnlyList<Argument[]> arguments, CancellationToken cancellationToken) =>
        connection is NpgsqlConnection postgres
            ? QueryEach(postgres, statement, read, arguments, cancellationToken)
            : QueryOneByOne(statement, read, arguments, cancellationToken);

    public Task ExecuteEach(string statement, IReadOnlyList<Argument[]> arguments, CancellationToken cancellationToken) =>
        QueryEach(statement, _ => true, arguments, cancellationToken);

    async Task<List<T>> QueryEach<T>(
        NpgsqlConnection postgres, string statement, Func<DbDataReader, T> read, IReadOnlyList<Argument[]> arguments,
        CancellationToken cancellationToken)
    {
        var rows = new List<T>();

        foreach (var chunk in arguments.Chunk(BatchSize))
        {
            await using var batch = new NpgsqlBatch(postgres, (NpgsqlTransaction?)transaction);
            foreach (var one in chunk)
            {
                var command = new NpgsqlBatchCommand(statement);
                foreach (var argument in one)
                    command.Parameters.Add(new NpgsqlParameter
                    {
                        ParameterName = argument.Name,
                        DbType = argument.Type,
                        Value = argument.Value ?? DBNull.Value,
                    });
                batch.BatchCommands.Add(command);
            }

            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            do
            {
                while (await reader.ReadAsync(cancellationToken))
                    rows.Add(read(reader));
            }
            while (await reader.NextResultAsync(cancellationToken));
        }

        return rows;
    }

    async Task<List<T>> QueryOneByOne<T>(
        string statement, Func<DbDataReader, T> read, IReadOnlyList<Argument[]> arguments, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        if (arguments.Count == 0)
            return rows;

        // One command for all: SQLite parses a statement once per command.
        await using var command = Command(statement, arguments[0]);
        foreach (var one in arguments)
        {
            for (var index = 0; index < one.Length; index++)
                command.Parameters[index].Value = one[index].Value ?? DBNull.Value;

            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(read(reader));
        }

        return rows;
    }

    DbCommand Command(string statement, Argument[] arguments)
    {
        var command = connection.CreateCommand();
        command.CommandText = statement;
        command.Transaction = transaction;

        foreach (var argument in arguments)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.DbType, parameter.Value) = (argument.Name, argument.Type, argument.Value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
