using Npgsql;
using RabbitMQ.Client;

namespace MaestroBus.Benchmarks;

/// <summary>A domain with a database whose messages go to a queue that nobody reads.</summary>
public sealed class OutboxDomain : BusDomain
{
    public override void AddServices(BusBuilder bus)
    {
        bus.AddDatabase<OrderContext>();
        bus.ConfigureBus(configurator => configurator.AddEntityFrameworkOutbox<OrderContext>(outbox => outbox.UsePostgres().UseBusOutbox()));
    }
}

/// <summary>One host of a bus on PostgreSQL and RabbitMQ.</summary>
static class OutboxBus
{
    public const string Queue = "bench-outbox";

    public static async Task<IHost> Start(string database, string rabbit, bool delivers, CancellationToken cancellationToken, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        if (Environment.GetEnvironmentVariable("BENCH_LOG") is not null)
            builder.Logging.AddConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = rabbit,
            ["Bus:RabbitMq:QueueType"] = "Classic",
            ["Bus:Database:Provider"] = "PostgreSql",
            ["Bus:Database:ConnectionString"] = database,
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Database:Outbox:Deliver"] = $"{delivers}",
        });
        foreach (var (name, value) in settings)
            builder.Configuration[name] = value;
        builder.Services.AddBus(builder.Configuration, [new OutboxDomain()], [new RabbitMqTransport()]);

        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }

    public static async Task Prepare(string database, string rabbit, CancellationToken cancellationToken)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(rabbit) }.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(Queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(Queue, Queue, "", cancellationToken: cancellationToken);
    }

    public static async Task<long> Execute(string database, string statement, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 600 };
        return await command.ExecuteScalarAsync(cancellationToken) is long count ? count : 0;
    }
}
