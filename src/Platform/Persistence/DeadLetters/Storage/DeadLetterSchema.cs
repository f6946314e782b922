namespace Maestro.Bus.Persistence;

/// <summary>
/// The tables of the dead letters. Times are milliseconds since 1970 in both databases, so that the same statements work on them.
/// </summary>
static class DeadLetterSchema
{
    public static readonly string Sqlite = Create("INTEGER PRIMARY KEY AUTOINCREMENT", "BLOB");

    public static readonly string PostgreSql = Create("bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "bytea");

    static string Create(string identity, string bytes) => $"""
        CREATE TABLE dead_letter (
            id {identity},
            letter_key text NOT NULL UNIQUE,
            queue text NOT NULL,
            address text NOT NULL,
            message_id text NULL,
            message_type text NULL,
            reason text NOT NULL,
            exception_type text NULL,
            exception_message text NULL,
            detail text NULL,
            place text NULL,
            fingerprint text NOT NULL,
            attempts integer NOT NULL,
            first_failed bigint NULL,
            failed bigint NOT NULL,
            tenant text NULL,
            state smallint NOT NULL DEFAULT 0,
            changed bigint NULL,
            changed_by text NULL,
            note text NULL,
            size integer NOT NULL,
            metadata {bytes} NOT NULL,
            body {bytes} NOT NULL
        );
        CREATE INDEX dead_letter_state ON dead_letter (state, id);
        CREATE INDEX dead_letter_fingerprint ON dead_letter (fingerprint, state, id);
        CREATE INDEX dead_letter_failed ON dead_letter (failed);

        CREATE TABLE dead_letter_group (
            fingerprint text PRIMARY KEY,
            queue text NOT NULL,
            message_type text NULL,
            reason text NOT NULL,
            exception_type text NULL,
            exception_message text NULL,
            place text NULL,
            newest_id bigint NOT NULL,
            first_stored bigint NOT NULL,
            last_stored bigint NOT NULL,
            total bigint NOT NULL,
            untold bigint NOT NULL,
            told bigint NULL,
            claimed bigint NOT NULL DEFAULT 0
        );
        CREATE INDEX dead_letter_group_untold ON dead_letter_group (untold) WHERE untold > 0;

        CREATE TABLE dead_letter_operation (
            id {identity},
            kind text NOT NULL,
            filter text NOT NULL,
            target text NULL,
            state text NOT NULL,
            total bigint NOT NULL,
            done bigint NOT NULL DEFAULT 0,
            position bigint NOT NULL DEFAULT 0,
            last_id bigint NOT NULL,
            created bigint NOT NULL,
            created_by text NULL,
            updated bigint NOT NULL,
            error text NULL,
            leased bigint NOT NULL DEFAULT 0,
            host text NULL
        );
        CREATE INDEX dead_letter_operation_running ON dead_letter_operation (id) WHERE state = 'running';
        """;
}
