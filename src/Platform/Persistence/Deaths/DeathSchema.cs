namespace Maestro.Bus.Persistence;

/// <summary>
/// The processes of the bus and the messages that some of them have ended with. Times are milliseconds since 1970, by the database's
/// clock.
/// </summary>
static class DeathSchema
{
    public const string Sqlite = """
        CREATE TABLE bus_process (
            id TEXT PRIMARY KEY, place TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL, seen INTEGER NOT NULL,
                died INTEGER NULL
        ) WITHOUT ROWID;
        CREATE TABLE bus_suspect (
            queue TEXT NOT NULL, message TEXT NOT NULL, deaths INTEGER NOT NULL, process TEXT NULL, noted INTEGER NOT NULL,
                PRIMARY KEY (queue, message)
        ) WITHOUT ROWID;
        """;

    public const string PostgreSql = """
        CREATE TABLE bus_process (
            id text PRIMARY KEY, place text NOT NULL, pid integer NOT NULL, started bigint NOT NULL, seen bigint NOT NULL,
                died bigint NULL);
        CREATE TABLE bus_suspect (
            queue text NOT NULL, message text NOT NULL, deaths integer NOT NULL, process text NULL, noted bigint NOT NULL,
                PRIMARY KEY (queue, message));
        """;
}
