namespace MaestroBus.Scheduling.Tests;

public sealed class MemoryStoreTests : StoreSuite
{
    protected override Task<Dictionary<string, string?>> Settings() =>
        Task.FromResult(new Dictionary<string, string?> { ["Bus:Scheduling:Store"] = "Memory" });
}

public sealed class SqliteStoreTests : DatabaseStoreSuite
{
    protected override Task<Dictionary<string, string?>> Settings() => Task.FromResult(Databases.Sqlite());
}

public sealed class PostgresStoreTests(PostgresFixture postgres) : DatabaseStoreSuite
{
    protected override Task<Dictionary<string, string?>> Settings() => Databases.Postgres(postgres, Cancellation);
}

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
}
