using System.Diagnostics;
using RabbitMQ.Client;

namespace MaestroBus.Benchmarks;

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
        var arguments = new Dictionary<string, object?> { ["x-max-length"] = 10_000 };
        await channel.QueueDeclareAsync(OutboxBus.Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(OutboxBus.Queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(OutboxBus.Queue, OutboxBus.Queue, "", cancellationToken: cancellationToken);
        return servers;
    }

    public async Task<string> NewDatabase(CancellationToken cancellationToken) => _database = await _postgres.CreateDatabase(cancellationToken);

    public Task Execute(string statement, CancellationToken cancellationToken) => OutboxBus.Execute(_database, statement, cancellationToken);

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
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(left == 0 ? 20 : 200));
        while (await OutboxBus.Execute(_database, $"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {left + 1}) m", cancellationToken) > left)
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _rabbit.DisposeAsync();
    }
}
