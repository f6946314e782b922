using Npgsql;

namespace Maestro.Bus.Benchmarks;

/// <summary>One host of a bus on PostgreSQL and RabbitMQ.</summary>
static class OutboxBus
{
    public const string Queue = "bench-outbox";

    const int Sample = 100;

    static readonly Uri Address = new($"exchange:{Queue}");

    public static async Task<IHost> Start(
        string database, string broker, bool delivers, CancellationToken cancellationToken,
        Action<IBusRegistrationConfigurator>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "rabbitmq",
            ["Bus:RabbitMq:Url"] = broker,
            ["Bus:RabbitMq:QueueType"] = "classic",
            ["Bus:Database:Provider"] = "postgresql",
            ["Bus:Database:ConnectionString"] = database,
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Database:Outbox:Deliver"] = $"{delivers}",
        });
        builder.Services.AddBus(builder.Configuration, [new OutboxDomain(configure)], [new RabbitMqTransport()]);

        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }

    /// <summary>Commits a row of state with a message.</summary>
    public static async Task Write(IHost host, int number, CancellationToken cancellationToken)
    {
        await using var scope = host.Services.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<OrderContext>();
        var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(Address);
        context.Orders.Add(new Order { Id = NewId.NextGuid(), Number = number });
        await endpoint.Send(new BenchMessage(number, BenchMessage.Filler), cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Makes a backlog.</summary>
    public static async Task Fill(string database, string broker, int count, CancellationToken cancellationToken)
    {
        using var host = await Start(database, broker, false, cancellationToken);
        for (var number = 0; number < Sample; number++)
            await Write(host, number, cancellationToken);
        await host.StopAsync(cancellationToken);

        await Execute(
            database,
            $"""
            INSERT INTO outbox_message (partition, message_id, ordering_key, destination, metadata, body)
            SELECT (partition + n) % 32, gen_random_uuid(), ordering_key || n, destination, metadata, body
            FROM generate_series(1, {count / Sample - 1}) n, outbox_message
            """,
            cancellationToken);
    }

    public static async Task<long> Execute(string database, string statement, CancellationToken cancellationToken) =>
        await Value(database, statement, cancellationToken) is long count ? count : 0;

    public static async Task<string?> Text(string database, string statement, CancellationToken cancellationToken) =>
        await Value(database, statement, cancellationToken) as string;

    static async Task<object?> Value(string database, string statement, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 600 };
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    sealed class OutboxDomain(Action<IBusRegistrationConfigurator>? configure) : BusDomain
    {
        public override void AddServices(BusBuilder bus)
        {
            bus.Services.AddSingleton<Arrivals>();
            bus.AddDatabase<OrderContext>();
            bus.ConfigureBus(configurator =>
                configurator.AddEntityFrameworkOutbox<OrderContext>(outbox => outbox.UsePostgres().UseBusOutbox()));
            if (configure is not null)
                bus.ConfigureBus(configure);
        }
    }
}
