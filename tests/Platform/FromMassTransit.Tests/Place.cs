extern alias old;

using System.Globalization;
using Maestro.Bus.Persistence.Tests;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using OldContext = old::Acme.Orders.OrdersDbContext;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>
/// A virtual host, and a database with the tables as the migrations of such an application have made them, which the hosts of one test
/// share.
/// </summary>
sealed record Place(string Database, string RabbitMq, string Kafka)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Place> Create(Servers servers)
    {
        var database = await servers.Postgres.CreateDatabase(Cancellation);
        await using (var context = new OldContext(new DbContextOptionsBuilder<OldContext>().UseNpgsql(database).Options))
        {
            await context.Database.EnsureCreatedAsync(Cancellation);
            await context.Database.ExecuteSqlRawAsync(PublishedSchema.Postgres, Cancellation);
        }

        return new Place(database, await servers.RabbitMq.CreateVirtualHost(Cancellation), servers.Kafka.BootstrapServers);
    }

    public string VirtualHost => new Uri(RabbitMq).AbsolutePath[1..];

    public Task<int> Run(string statement, params object[] values) =>
        Use(statement, values, command => command.ExecuteNonQueryAsync(Cancellation));

    public async Task<long> Count(string statement, params object[] values) =>
        Convert.ToInt64(await Scalar(statement, values), CultureInfo.InvariantCulture);

    public Task<long> Rows(string table) => Count($"SELECT count(*) FROM \"{table}\"");

    public async Task<T?> Read<T>(string statement, params object[] values) =>
        await Scalar(statement, values) is T value ? value : default;

    public Task<IReadOnlyList<string>> List(string statement) => Use<IReadOnlyList<string>>(statement, [], async command =>
    {
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<string> values = [];
        while (await reader.ReadAsync(Cancellation))
            values.Add(reader.GetString(0));
        return values;
    });

    /// <summary>Waits until an order is in a state.</summary>
    public Task Until(Guid order, string state) => Eventually.True(
        async () => await Read<string>("""SELECT "CurrentState" FROM "OrderState" WHERE "CorrelationId" = $1""", order) == state,
        TimeSpan.FromSeconds(60), $"the order {order} to be {state}", Cancellation);

    Task<object?> Scalar(string statement, object[] values) =>
        Use(statement, values, command => command.ExecuteScalarAsync(Cancellation));

    // Connections of one address share a pool.
    async Task<T> Use<T>(string statement, object[] values, Func<NpgsqlCommand, Task<T>> use)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(statement, connection);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return await use(command);
    }
}
