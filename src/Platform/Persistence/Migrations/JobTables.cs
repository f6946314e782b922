namespace Maestro.Bus.Persistence;

/// <summary>The tables of jobs. Times are milliseconds since 1970, so that both databases' statements are the same.</summary>
static class JobTables
{
    /// <summary>The channel that hosts tell each other of jobs by.</summary>
    public const string Channel = "bus_jobs";

    public static readonly string Sqlite = Create("INTEGER PRIMARY KEY AUTOINCREMENT", "TEXT", "INTEGER", "", "");

    // A table that is a queue is mostly dead rows: it is vacuumed by their number, not by their share.
    public static readonly string PostgreSql = Create(
        "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "uuid", "bigint",
        "WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0)",
        "WITH (fillfactor = 50)");

    static string Create(string sequence, string id, string number, string queue, string small) => $"""
        CREATE TABLE job (
            sequence {sequence},
            id {id} NOT NULL UNIQUE,
            type text NOT NULL,
            queue text NOT NULL,
            state integer NOT NULL,
            priority integer NOT NULL,
            due {number} NOT NULL,
            created {number} NOT NULL,
            started {number} NULL,
            ended {number} NULL,
            attempt integer NOT NULL DEFAULT 0,
            failures integer NOT NULL DEFAULT 0,
            stalls integer NOT NULL DEFAULT 0,
            host {id} NULL,
            canceled text NULL,
            progress_value {number} NULL,
            progress_limit {number} NULL,
            tenant text NULL,
            correlation {id} NULL,
            properties text NULL,
            body text NOT NULL,
            saved text NULL,
            reason text NULL,
            exceptions text NULL,
            parent {id} NULL,
            children_left integer NOT NULL DEFAULT 0,
            children_failed integer NOT NULL DEFAULT 0,
            batch {id} NULL,
            remembered integer NOT NULL DEFAULT 1
        ) {queue};
        CREATE INDEX job_ready ON job (type, priority DESC, sequence) WHERE state = 1;
        CREATE INDEX job_due ON job (due) WHERE state = 0;
        CREATE INDEX job_running ON job (type, host) WHERE state = 2;
        CREATE INDEX job_ended ON job (queue, state, ended) WHERE state > 3;
        CREATE INDEX job_parent ON job (parent) WHERE parent IS NOT NULL;
        CREATE INDEX job_of_batch ON job (batch, sequence) WHERE batch IS NOT NULL;

        CREATE TABLE job_type (
            name text PRIMARY KEY,
            concurrency integer NULL,
            global_concurrency integer NULL
        );

        CREATE TABLE job_host (
            host {id} PRIMARY KEY,
            name text NOT NULL,
            expires {number} NOT NULL
        ) {small};

        CREATE TABLE job_log (
            sequence {sequence},
            job {id} NOT NULL REFERENCES job (id) ON DELETE CASCADE,
            attempt integer NOT NULL,
            time {number} NOT NULL,
            level integer NOT NULL,
            category text NOT NULL,
            text text NOT NULL
        );
        CREATE INDEX job_log_job ON job_log (job, sequence);

        CREATE TABLE job_batch (
            id {id} PRIMARY KEY,
            name text NULL,
            total integer NOT NULL,
            remaining integer NOT NULL,
            failed integer NOT NULL DEFAULT 0,
            canceled integer NOT NULL DEFAULT 0,
            created {number} NOT NULL,
            ended {number} NULL,
            tenant text NULL,
            callback text NULL
        );
        CREATE INDEX job_batch_ended ON job_batch (ended) WHERE ended IS NOT NULL;

        CREATE TABLE job_past (
            id {id} PRIMARY KEY,
            ended {number} NOT NULL
        );
        CREATE INDEX job_past_ended ON job_past (ended);
        """;
}
