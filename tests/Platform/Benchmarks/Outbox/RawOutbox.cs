using System.Text.Json;
using Npgsql;
using RabbitMQ.Client;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// The limit: an outbox by hand, with nothing but Npgsql and RabbitMQ.Client. A transaction is one round trip; relays claim batches with
/// SKIP LOCKED, publish a batch with its confirms outstanding together, and delete it.
/// </summary>
sealed class RawOutbox : IAsyncDisposable
{
    const int Relays = 2;
    const int Batch = 500;

    readonly NpgsqlDataSource _database;
    readonly IConnection _connection;
    readonly CancellationTokenSource _end = new();
    Task _relays = Task.CompletedTask;

    RawOutbox(NpgsqlDataSource database, IConnection connection)
    {
        _database = database;
        _connection = connection;
    }

    public static async Task<RawOutbox> Create(string database, string broker, CancellationToken cancellationToken)
    {
        await OutboxBus.Execute(
            database,
            """
            CREATE TABLE raw_order (id uuid PRIMARY KEY, number integer NOT NULL);
            CREATE TABLE raw_outbox (sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)
                WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000, autovacuum_vacuum_cost_delay = 0)
            """,
            cancellationToken);
        return new RawOutbox(NpgsqlDataSource.Create(database),
            await new ConnectionFactory { Uri = new Uri(broker) }.CreateConnectionAsync(cancellationToken));
    }

    public async Task Write(int number, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        // Statements of one batch are one transaction.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("INSERT INTO raw_order VALUES ($1, $2)")
                {
                    Parameters = { new() { Value = NewId.NextGuid() }, new() { Value = number } },
                },
                new("INSERT INTO raw_outbox (body) VALUES ($1)")
                {
                    Parameters = { new() { Value = JsonSerializer.SerializeToUtf8Bytes(new BenchMessage(number, BenchMessage.Filler)) } },
                },
            },
        };
        await batch.PrepareAsync(cancellationToken);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public void Start() => _relays = Task.WhenAll(Enumerable.Range(0, Relays).Select(_ => Task.Run(Relay)));

    async Task Relay()
    {
        await using var channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(true, true, new ThrottlingRateLimiter(Batch * 4)));
        var properties = new BasicProperties { Persistent = true };

        while (!_end.IsCancellationRequested)
        {
            await using var connection = await _database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var (sequences, bodies) = (new List<long>(), new List<byte[]>());

            await using (var select = new NpgsqlCommand(
                $"SELECT sequence, body FROM raw_outbox ORDER BY sequence LIMIT {Batch} FOR UPDATE SKIP LOCKED", connection, transaction))
            await using (var reader = await select.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                {
                    sequences.Add(reader.GetInt64(0));
                    bodies.Add(reader.GetFieldValue<byte[]>(1));
                }
            }

            await Task.WhenAll(bodies.Select(body => channel.BasicPublishAsync(OutboxBus.Queue, "", false, properties, body).AsTask()));

            await using (var delete = new NpgsqlCommand("DELETE FROM raw_outbox WHERE sequence = ANY ($1)", connection, transaction)
            {
                Parameters = { new() { Value = sequences.ToArray() } },
            })
                await delete.ExecuteNonQueryAsync();
            await transaction.CommitAsync();

            if (sequences.Count < Batch)
                await Task.Delay(2);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _relays;
        await _connection.DisposeAsync();
        await _database.DisposeAsync();
        _end.Dispose();
    }
}
