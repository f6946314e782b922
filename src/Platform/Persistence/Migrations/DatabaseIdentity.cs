using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Tells an SQLite file from every other one. It has a name that was made with its tables; a copy of the file has the same.
/// </summary>
sealed class DatabaseIdentity(BusDatabase database) : IStateIdentity
{
    public const string Sqlite = """
        CREATE TABLE bus_identity (id TEXT NOT NULL);
        INSERT INTO bus_identity VALUES (lower(hex(randomblob(16))));
        """;

    public const string PostgreSql = """
        CREATE TABLE bus_identity (id text NOT NULL);
        INSERT INTO bus_identity VALUES (replace(gen_random_uuid()::text, '-', ''));
        """;

    public async Task<StateIdentity?> Find(CancellationToken cancellationToken)
    {
        if (database.Provider != DatabaseProvider.Sqlite)
            return null;

        // Opening it would make it.
        var id = File.Exists(database.Path)
            ? await database.Read(connection => Read(connection, cancellationToken), cancellationToken)
            : null;

        return new StateIdentity(
            id, $"the file {database.Path}",
            "set Bus:Database:Provider to postgresql and Bus:Database:ConnectionString, the same for all of them, or run one host only");
    }

    static async Task<string?> Read(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var table = DatabaseCommands.Command(
            connection, null, "SELECT count(*) FROM sqlite_schema WHERE name = 'bus_identity'");
        if (await table.ExecuteScalarAsync(cancellationToken) is 0L)
            return null;

        await using var command = DatabaseCommands.Command(connection, null, "SELECT id FROM bus_identity");
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
