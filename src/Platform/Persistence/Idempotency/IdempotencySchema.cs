namespace Maestro.Bus.Persistence;

/// <summary>The table of claims and results. On SQLite, times are milliseconds since 1970.</summary>
static class IdempotencySchema
{
    public const string Sqlite = """
        CREATE TABLE idempotency_claim (
            scope TEXT NOT NULL,
            key TEXT NOT NULL,
            run TEXT NOT NULL,
            expires INTEGER NOT NULL,
            results BLOB NULL,
            PRIMARY KEY (scope, key)
        ) WITHOUT ROWID;
        CREATE INDEX idempotency_claim_expires ON idempotency_claim (expires);
        """;

    public const string PostgreSql = """
        CREATE TABLE idempotency_claim (
            scope text NOT NULL,
            key text NOT NULL,
            run uuid NOT NULL,
            expires timestamptz NOT NULL,
            results bytea NULL,
            PRIMARY KEY (scope, key)
        );
        CREATE INDEX idempotency_claim_expires ON idempotency_claim (expires);
        """;
}
