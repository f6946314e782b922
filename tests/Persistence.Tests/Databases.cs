namespace MaestroBus.Persistence.Tests;

/// <summary>Settings of databases that nobody else uses.</summary>
static class Databases
{
    public static Dictionary<string, string?> Sqlite() => new() { ["Bus:Database:Path"] = Path.Combine(Directory.CreateTempSubdirectory("bus-tests-").FullName, "state.db") };

    public static async Task<Dictionary<string, string?>> Postgres(PostgresFixture postgres, CancellationToken cancellationToken) => new()
    {
        ["Bus:Database:Provider"] = "postgresql",
        ["Bus:Database:ConnectionString"] = await postgres.Server.CreateDatabase(cancellationToken),
    };
}
