namespace Maestro.Bus.Persistence;

/// <summary>The table of sagas that have no repository of their own: an instance is one JSON object.</summary>
static class StoredSagaSchema
{
    public const string Sqlite = """
        CREATE TABLE stored_saga (
            type TEXT NOT NULL,
            id TEXT NOT NULL,
            version INTEGER NOT NULL,
            data TEXT NOT NULL,
            PRIMARY KEY (type, id)
        );
        """;

    // Not jsonb: that would sort an object's members, and refuse texts that JSON allows.
    public const string PostgreSql = """
        CREATE TABLE stored_saga (
            type text NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            data json NOT NULL,
            PRIMARY KEY (type, id)
        ) WITH (fillfactor = 70);
        """;
}
