namespace Maestro.Bus.Persistence;

/// <summary>The outbox's and inbox's tables on PostgreSQL.</summary>
static class PostgresOutboxSchema
{
    /// <summary>The channel that hosts tell each other of messages by.</summary>
    public const string Channel = "bus_outbox";

    // A table that is a queue is mostly dead rows: it is vacuumed by their number, not by their share of a size that varies from nothing to
    // millions.
    public static readonly string Create = $"""
        CREATE TABLE outbox_message (
            sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            partition smallint NOT NULL,
            state smallint NOT NULL DEFAULT 0,
            attempts integer NOT NULL DEFAULT 0,
            created timestamptz NOT NULL DEFAULT now(),
            message_id uuid NOT NULL,
            ordering_key text NOT NULL,
            destination text NOT NULL,
            metadata bytea NOT NULL,
            body bytea NOT NULL
        ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000, autovacuum_vacuum_cost_delay = 0);
        CREATE INDEX outbox_message_ready ON outbox_message (partition, sequence) WHERE state = 0;
        CREATE INDEX outbox_message_parked ON outbox_message (partition, destination, sequence) WHERE state = 1;
        CREATE INDEX outbox_message_given_up ON outbox_message (sequence) WHERE state = 2;

        CREATE TABLE outbox_lease (
            partition smallint PRIMARY KEY,
            host uuid NULL,
            expires timestamptz NOT NULL DEFAULT now()
        ) WITH (fillfactor = 50);
        INSERT INTO outbox_lease (partition) SELECT generate_series(0, {OutboxPartitions.Count - 1});

        CREATE TABLE outbox_host (
            host uuid PRIMARY KEY,
            expires timestamptz NOT NULL
        ) WITH (fillfactor = 50);

        CREATE TABLE inbox_state (
            message_id uuid NOT NULL,
            consumer_id uuid NOT NULL,
            handled timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (message_id, consumer_id)
        );
        CREATE INDEX inbox_state_handled ON inbox_state (handled);
        """;
}
