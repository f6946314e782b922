using System.Diagnostics;
using RabbitMQ.Client;

namespace Maestro.Bus.Benchmarks;

/// <summary>A PostgreSQL and a RabbitMQ with a queue that nobody reads.</summary>
sealed class OutboxServers : IAsyncDisposable
{
    readonly PostgresServer _postgres = new();
    readonly RabbitMqServer _rabbit = new();
    string _database = "";

    public string Broker => _rabbit.Url;

    public static async Task<OutboxServers> Start(CancellationToken cancellationToken)
    {
        var servers = new OutboxServers();
        await servers._postgres.Start(cancellationToken);
        await servers._rabbit.Start(cancellationToken);

        await using var connection = await new ConnectionFactory { Uri = new Uri(servers.Broker) }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        // Ten times as many cost the server 15 % of the machine: it looks through all that a queue holds again and again. That is no
        // outbox's work.
        var arguments = new Dictionary<string, object?> { ["x-max-length"] = 1_000 };
        await channel.QueueDeclareAsync(
            OutboxBus.Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(OutboxBus.Queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(OutboxBus.Queue, OutboxBus.Queue, "", cancellationToken: cancellationToken);
        return servers;
    }

    public async Task<string> NewDatabase(CancellationToken cancellationToken) =>
        _database = await _postgres.CreateDatabase(cancellationToken);

    public Task Execute(string statement, CancellationToken cancellationToken) =>
        OutboxBus.Execute(_database, statement, cancellationToken);

    /// <summary>How many messages a second leave a table, from the beginning of a run until there are none.</summary>
    public async Task<double> Rate(int count, string table, Func<Task> run, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await run();
        await UntilLeft(table, 0, cancellationToken);
        return count / clock.Elapsed.TotalSeconds;
    }

    public async Task UntilLeft(string table, int left, CancellationToken cancellationToken)
    {
        // From the end, where what is left is: the beginning is full of rows that have been deleted.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(left == 0 ? 20 : 200));
        while (await OutboxBus.Execute(
            _database, $"SELECT count(*) FROM (SELECT 1 FROM {table} ORDER BY sequence DESC LIMIT {left + 1}) m", cancellationToken) > left)
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _rabbit.DisposeAsync();
    }
}
