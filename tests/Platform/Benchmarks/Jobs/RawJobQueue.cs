using System.Diagnostics;
using Npgsql;

namespace Maestro.Bus.Benchmarks;

/// <summary>A queue in PostgreSQL as one writes it by hand: a table, SKIP LOCKED, and nothing else.</summary>
static class RawJobQueue
{
    const int Workers = 10;
    const int InsertBatch = 1_000;

    /// <summary>How many jobs are added and done a second.</summary>
    /// <param name="database">The database's connection string.</param>
    /// <param name="count">How many jobs.</param>
    /// <param name="take">How many a worker takes in one transaction.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<(double Submitted, double Run)> Measure(
        string database, int count, int take, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database + ";Max Auto Prepare=10");
        await Execute(
            source,
            "CREATE TABLE queue (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL, done boolean NOT NULL "
                + "DEFAULT false)", cancellationToken);
        await Execute(source, "CREATE INDEX queue_waiting ON queue (id) WHERE NOT done", cancellationToken);

        var clock = Stopwatch.StartNew();
        await Insert(source, count, cancellationToken);
        var submitted = count / clock.Elapsed.TotalSeconds;
        await Task.WhenAll(
            Enumerable.Range(0, Workers).Select(_ => Task.Run(() => Work(source, take, cancellationToken), cancellationToken)));
        return (submitted, count / clock.Elapsed.TotalSeconds);
    }

    static async Task Insert(NpgsqlDataSource source, int count, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        foreach (var chunk in Enumerable.Range(0, count).Chunk(InsertBatch))
        {
            await using var batch = new NpgsqlBatch(connection, transaction);
            foreach (var number in chunk)
                batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO queue (body) VALUES ($1)")
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = $$"""{"number":{{number}}}""" } },
                });
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    static async Task Work(NpgsqlDataSource source, int take, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand(
                "UPDATE queue SET done = true WHERE id IN (SELECT id FROM queue WHERE NOT done ORDER BY id LIMIT $1 FOR UPDATE "
                    + "SKIP LOCKED)", connection, transaction)
            {
                Parameters = { new NpgsqlParameter<int> { TypedValue = take } },
            };
            var done = await command.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (done == 0)
                return;
        }
    }

    static async Task Execute(NpgsqlDataSource source, string statement, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
