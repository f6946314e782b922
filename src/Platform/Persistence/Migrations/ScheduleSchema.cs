namespace Maestro.Bus.Persistence;

/// <summary>The scheduler's own tables, and those that Quartz 4.7 keeps its triggers in, under a prefix of ours.</summary>
static class ScheduleSchema
{
    const string Own = """
        CREATE TABLE schedule_definition (
            name text PRIMARY KEY, owner text, definition text NOT NULL, is_paused boolean NOT NULL, done_until bigint NOT NULL,
                next_at bigint);
        CREATE TABLE schedule_run (
            id uuid PRIMARY KEY, schedule text NOT NULL, scheduled_at bigint NOT NULL, fired_at bigint NOT NULL,
                is_manual boolean NOT NULL, fired_by text NOT NULL,
            state text NOT NULL, attempts integer NOT NULL, finished_at bigint, duration bigint, handled_by text, error text);
        CREATE INDEX schedule_run_schedule ON schedule_run (schedule, scheduled_at);
        CREATE INDEX schedule_run_fired ON schedule_run (fired_at);
        CREATE TABLE schedule_message (token uuid PRIMARY KEY, due_at bigint NOT NULL, message text NOT NULL);
        CREATE INDEX schedule_message_due ON schedule_message (due_at);
        CREATE TABLE schedule_cancelled (token uuid PRIMARY KEY, cancelled_at bigint NOT NULL);
        CREATE INDEX schedule_cancelled_at ON schedule_cancelled (cancelled_at);
        CREATE TABLE schedule_declaration (
            owner text NOT NULL, fingerprint text NOT NULL, generation bigint NOT NULL, seen_at bigint NOT NULL, PRIMARY KEY (owner,
                fingerprint));

        """;

    /// <summary>
    /// The step that came later: the lease of the host that runs the schedules on SQLite, and what schedules know of clocks that were
    /// wrong.
    /// </summary>
    public const string Lease = """
        CREATE TABLE schedule_lease (name text PRIMARY KEY, holder text NOT NULL, beat bigint NOT NULL);
        ALTER TABLE schedule_definition ADD COLUMN corrections integer NOT NULL DEFAULT 0;
        ALTER TABLE schedule_definition ADD COLUMN corrected_at bigint;
        ALTER TABLE schedule_definition ADD COLUMN corrected_from bigint;

        """;

    /// <summary>A table of Quartz's: its name, its key after the scheduler's name, and its columns.</summary>
    static readonly (string Name, string[] Key, string[] Columns)[] Quartz =
    [
        ("job_details", ["job_name", "job_group"],
            ["description text", "job_class_name text NOT NULL", "is_durable boolean NOT NULL", "is_nonconcurrent boolean NOT NULL",
                "is_update_data boolean NOT NULL",
             "requests_recovery boolean NOT NULL", "job_data bytea"]),
        ("triggers", ["trigger_name", "trigger_group"],
            ["job_name text NOT NULL", "job_group text NOT NULL", "description text", "next_fire_time bigint", "prev_fire_time bigint",
                "priority integer",
             "trigger_state text NOT NULL", "trigger_type text NOT NULL", "start_time bigint NOT NULL", "end_time bigint",
             "calendar_name text", "misfire_instr smallint",
             "misfire_orig_fire_time bigint", "execution_group text", "preferred_node text",
             "preferred_node_auto boolean NOT NULL DEFAULT false", "retry_policy text",
             "retry_attempt integer", "continues_trigger_name text", "continues_trigger_group text", "continuation_condition integer",
             "overlap_policy integer",
             "pause_reason text", "paused_by text", "paused_at bigint", "misfire_threshold bigint", "fixed_delay boolean",
             "job_data bytea"]),
        ("simple_triggers", ["trigger_name", "trigger_group"],
            ["repeat_count bigint NOT NULL", "repeat_interval bigint NOT NULL", "times_triggered bigint NOT NULL"]),
        ("cron_triggers", ["trigger_name", "trigger_group"], ["cron_expression text NOT NULL", "time_zone_id text"]),
        ("simprop_triggers", ["trigger_name", "trigger_group"],
            ["str_prop_1 text", "str_prop_2 text", "str_prop_3 text", "int_prop_1 integer", "int_prop_2 integer", "long_prop_1 bigint",
                "long_prop_2 bigint",
             "dec_prop_1 numeric", "dec_prop_2 numeric", "bool_prop_1 boolean", "bool_prop_2 boolean", "time_zone_id text"]),
        ("blob_triggers", ["trigger_name", "trigger_group"], ["blob_data bytea"]),
        ("calendars", ["calendar_name"], ["calendar bytea NOT NULL"]),
        ("paused_trigger_grps", ["trigger_group"], ["pause_reason text", "paused_by text", "paused_at bigint"]),
        ("paused_job_grps", ["job_group"], ["pause_reason text", "paused_by text", "paused_at bigint"]),
        ("fired_triggers", ["entry_id"],
            ["trigger_name text NOT NULL", "trigger_group text NOT NULL", "instance_name text NOT NULL", "fired_time bigint NOT NULL",
                "sched_time bigint NOT NULL",
             "priority integer NOT NULL", "state text NOT NULL", "job_name text", "job_group text", "is_nonconcurrent boolean",
             "requests_recovery boolean",
             "execution_group text", "progress integer", "progress_message text", "interrupt_requested_time bigint"]),
        ("scheduler_state", ["instance_name"],
            ["last_checkin_time bigint NOT NULL", "checkin_interval bigint NOT NULL", "quartz_version text"]),
        ("locks", ["lock_name"], []),
    ];

    static readonly (string Table, string Columns)[] Indexes =
    [
        ("triggers", "job_name, job_group"),
        ("triggers", "trigger_state, next_fire_time"),
        ("fired_triggers", "instance_name, requests_recovery"),
        ("fired_triggers", "job_name, job_group"),
        ("fired_triggers", "trigger_name, trigger_group"),
    ];

    /// <summary>For PostgreSQL.</summary>
    public static string Postgres { get; } = Own + string.Concat(Quartz.Select(Table)) + string.Concat(Indexes.Select(Index));

    /// <summary>For SQLite.</summary>
    public static string Sqlite { get; } = Postgres.Replace("uuid", "text", StringComparison.Ordinal)
        .Replace("bytea", "blob", StringComparison.Ordinal);

    static string Table((string Name, string[] Key, string[] Columns) table)
    {
        string[] columns = ["sched_name text NOT NULL", .. table.Key.Select(column => $"{column} text NOT NULL"), .. table.Columns];
        return $"CREATE TABLE schedule_quartz_{table.Name} ({string.Join(", ", columns)}, PRIMARY KEY (sched_name, "
            + $"{string.Join(", ", table.Key)}));\n";
    }

    static string Index((string Table, string Columns) index, int number) =>
        $"CREATE INDEX schedule_quartz_index_{number} ON schedule_quartz_{index.Table} (sched_name, {index.Columns});\n";
}
