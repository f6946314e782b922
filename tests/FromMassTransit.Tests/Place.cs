using System.Globalization;
using Npgsql;

namespace MaestroBus.FromMassTransit.Tests;

/// <summary>A database and a virtual host, which the hosts of one test share.</summary>
sealed record Place(string Database, string RabbitMq, string Kafka)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Place> Create(Servers servers) => new(
        await servers.Postgres.CreateDatabase(Cancellation), await servers.RabbitMq.CreateVirtualHost(Cancellation),
        servers.Kafka.BootstrapServers);

    public string VirtualHost => new Uri(RabbitMq).AbsolutePath[1..];

    public async Task<int> Run(string statement, params object[] values)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = Command(source, statement, values);
        return await command.ExecuteNonQueryAsync(Cancellation);
    }

    public async Task<long> Count(string statement, params object[] values)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = Command(source, statement, values);
        return Convert.ToInt64(await command.ExecuteScalarAsync(Cancellation), CultureInfo.InvariantCulture);
    }

    public Task<long> Rows(string table) => Count($"SELECT count(*) FROM \"{table}\"");

    public async Task<T?> Read<T>(string statement, params object[] values)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = Command(source, statement, values);
        return await command.ExecuteScalarAsync(Cancellation) is T value ? value : default;
    }

    public async Task<IReadOnlyList<string>> List(string statement)
    {
        await using var source = NpgsqlDataSource.Create(Database);
        await using var command = Command(source, statement, []);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        List<string> values = [];
        while (await reader.ReadAsync(Cancellation))
            values.Add(reader.GetString(0));
        return values;
    }

    /// <summary>Waits until an order is in a state.</summary>
    public Task Until(Guid order, string state) => Eventually.True(
        async () => await Read<string>("""SELECT "CurrentState" FROM "OrderState" WHERE "CorrelationId" = $1""", order) == state,
        TimeSpan.FromSeconds(60), $"the order {order} to be {state}", Cancellation);

    static NpgsqlCommand Command(NpgsqlDataSource source, string statement, object[] values)
    {
        var command = source.CreateCommand(statement);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
