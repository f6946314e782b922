namespace Maestro.Bus.Persistence.Tests;

/// <summary>Settings of databases that nobody else uses.</summary>
static class Databases
{
    public static Dictionary<string, string?> Sqlite() =>
        new() { ["Bus:Database:Path"] = Path.Combine(Directory.CreateTempSubdirectory("bus-tests-").FullName, "state.db") };

    public static async Task<Dictionary<string, string?>> Postgres(PostgresFixture postgres, CancellationToken cancellationToken) => new()
    {
        ["Bus:Database:Provider"] = "postgresql",
        ["Bus:Database:ConnectionString"] = await postgres.Server.CreateDatabase(cancellationToken),
    };

    /// <summary>A database and a broker, both in files of a folder.</summary>
    public static Dictionary<string, string?> WithBroker(string folder) => new()
    {
        ["Bus:Transport"] = "sqlite",
        ["Bus:Sqlite:Path"] = Path.Combine(folder, "bus.db"),
        ["Bus:Database:Path"] = Path.Combine(folder, "state.db"),
    };

    /// <summary>A database of PostgreSQL, and a broker that is started for it.</summary>
    public static async Task<Dictionary<string, string?>> WithBroker(
        PostgresFixture postgres, RabbitMqServer rabbit, CancellationToken cancellationToken)
    {
        await rabbit.Start(cancellationToken);
        return Numbers.OnServers(await postgres.Server.CreateDatabase(cancellationToken), rabbit.Url);
    }
}
