namespace Maestro.Bus.Jobs.Tests;

/// <summary>Settings of databases that nobody else uses.</summary>
static class Databases
{
    public static Dictionary<string, string?> Sqlite() =>
        new() { ["Bus:Database:Path"] = Path.Combine(Directory.CreateTempSubdirectory("bus-tests-").FullName, "state.db") };

    public static async Task<Dictionary<string, string?>> Postgres(PostgresServer server, CancellationToken cancellationToken) => new()
    {
        ["Bus:Database:Provider"] = "postgresql",
        ["Bus:Database:ConnectionString"] = await server.CreateDatabase(cancellationToken),
    };
}
