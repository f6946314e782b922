namespace Maestro.Bus.Persistence;

/// <summary>The outbox's and inbox's tables on SQLite. Times are milliseconds since 1970.</summary>
static class SqliteOutboxSchema
{
    public const string Now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    public static readonly string Create = $"""
        CREATE TABLE outbox_message (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            partition INTEGER NOT NULL,
            state INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL DEFAULT ({Now}),
            message_id TEXT NOT NULL,
            ordering_key TEXT NOT NULL,
            destination TEXT NOT NULL,
            metadata BLOB NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX outbox_message_ready ON outbox_message (partition, sequence) WHERE state = 0;
        CREATE INDEX outbox_message_parked ON outbox_message (partition, destination, sequence) WHERE state = 1;
        CREATE INDEX outbox_message_given_up ON outbox_message (sequence) WHERE state = 2;

        CREATE TABLE outbox_lease (
            partition INTEGER PRIMARY KEY,
            host TEXT NULL,
            expires INTEGER NOT NULL DEFAULT 0
        );
        WITH RECURSIVE n (partition) AS (SELECT 0 UNION ALL SELECT partition + 1 FROM n WHERE partition < {OutboxPartitions.Count - 1})
        INSERT INTO outbox_lease (partition) SELECT partition FROM n;

        CREATE TABLE outbox_host (
            host TEXT PRIMARY KEY,
            expires INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE inbox_state (
            message_id TEXT NOT NULL,
            consumer_id TEXT NOT NULL,
            handled INTEGER NOT NULL DEFAULT ({Now}),
            PRIMARY KEY (message_id, consumer_id)
        ) WITHOUT ROWID;
        CREATE INDEX inbox_state_handled ON inbox_state (handled);
        """;
}
