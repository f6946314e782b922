namespace Maestro.Bus.Transports.Sqlite;

/// <summary>The tables, and how a file of an older version gets them.</summary>
static class Schema
{
    /// <summary>Tells the bus's files from other databases: the letters of "mbus" as a number.</summary>
    const int ApplicationId = 0x6D627573;

    /// <summary>
    /// Each takes a file from the version of its index to the next one. What has been released is never changed; append instead.
    /// </summary>
    static readonly string[] Migrations = [First, Suspects];

    /// <summary>
    /// What is written often is narrow: <c>delivery</c> holds where a message stands, <c>message</c> its content, written once and deleted
    /// once. The primary key of <c>delivery</c> keeps the messages that are ready, in the order of their delivery, apart from the locked
    /// and the delayed ones of the same queue: whatever their number, taking the next ones is reading from one place on. Its <c>state</c>
    /// is 0 for ready, 1 for locked, 2 for delayed. Times are microseconds since the year 1970.
    /// </summary>
    const string First = """
        CREATE TABLE meta (topology INTEGER NOT NULL, probes INTEGER NOT NULL);
        INSERT INTO meta VALUES (1, 0);

        CREATE TABLE owner (id INTEGER PRIMARY KEY AUTOINCREMENT, process TEXT NOT NULL, started INTEGER NOT NULL);

        CREATE TABLE queue (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            auto_delete INTEGER,
            max_delivery_count INTEGER NOT NULL,
            touched INTEGER NOT NULL);

        CREATE TABLE topic (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);

        CREATE TABLE topic_subscription (
            topic_id INTEGER NOT NULL, destination_id INTEGER NOT NULL, type INTEGER NOT NULL, routing_key TEXT NOT NULL,
            PRIMARY KEY (topic_id, destination_id, type, routing_key)) WITHOUT ROWID;

        CREATE TABLE queue_subscription (
            topic_id INTEGER NOT NULL, queue_id INTEGER NOT NULL, type INTEGER NOT NULL, routing_key TEXT NOT NULL,
            PRIMARY KEY (topic_id, queue_id, type, routing_key)) WITHOUT ROWID;

        CREATE TABLE message (
            id INTEGER PRIMARY KEY,
            deliveries INTEGER NOT NULL,
            due INTEGER,
            scheduling_token_id BLOB,
            transport_message_id BLOB NOT NULL,
            message_id BLOB, correlation_id BLOB, conversation_id BLOB, request_id BLOB, initiator_id BLOB,
            source_address TEXT, destination_address TEXT, response_address TEXT, fault_address TEXT,
            sent_time INTEGER, routing_key TEXT, content_type TEXT, message_type TEXT, headers TEXT, host TEXT,
            body BLOB NOT NULL);
        CREATE INDEX message_token ON message (scheduling_token_id) WHERE scheduling_token_id IS NOT NULL;

        CREATE TABLE shared (message_id INTEGER PRIMARY KEY, deliveries INTEGER NOT NULL);

        CREATE TABLE delivery (
            queue_id INTEGER NOT NULL, state INTEGER NOT NULL, priority INTEGER NOT NULL, message_id INTEGER NOT NULL,
            enqueued INTEGER NOT NULL, due INTEGER, expires INTEGER,
            owner_id INTEGER, lock INTEGER, delivery_count INTEGER NOT NULL,
            partition_key TEXT, transport_headers TEXT,
            PRIMARY KEY (queue_id, state, priority, message_id)) WITHOUT ROWID;
        CREATE INDEX delivery_due ON delivery (due) WHERE state = 2;
        CREATE INDEX delivery_partition ON delivery (queue_id, partition_key, priority, message_id) WHERE state = 0
            AND partition_key IS NOT NULL;
        """;

    /// <summary>
    /// <c>deaths</c> is how many processes have ended while they handled the message alone, <c>owner_id</c> the process that does so at
    /// present.
    /// </summary>
    const string Suspects = """
        CREATE TABLE suspect (
            queue_id INTEGER NOT NULL, message_id INTEGER NOT NULL, deaths INTEGER NOT NULL, owner_id INTEGER,
            PRIMARY KEY (queue_id, message_id)) WITHOUT ROWID;
        """;

    public static int Version => Migrations.Length;

    /// <summary>Makes the file one of this version.</summary>
    /// <exception cref="SqliteTransportException">The file cannot be written.</exception>
    /// <exception cref="BusConfigurationException">The file is not the bus's, or is one of a newer version.</exception>
    public static void Prepare(Database database)
    {
        var isNew = database.Scalar("SELECT count(*) FROM sqlite_master") == 0;

        if (!isNew && database.Scalar("PRAGMA application_id") != ApplicationId)
            throw new BusConfigurationException(
                $"Bus:Sqlite:Path is {database.Path}, which is another program's database. Name a file of the bus's own, such as "
                    + "data/bus.db.");

        if (database.Scalar("PRAGMA user_version") > Version)
            throw new BusConfigurationException(
                $"The bus's file {database.Path} has version {database.Scalar("PRAGMA user_version")}, and this program knows versions up "
                + $"to {Version}. " +
                "Run the program that wrote it or a newer one, or name another file in Bus:Sqlite:Path.");

        // Must come before the first table, or the file never gives room back.
        if (isNew)
            database.Execute("PRAGMA auto_vacuum = INCREMENTAL");

        if (database.Text("PRAGMA journal_mode = WAL") is var mode && mode != "wal")
            throw new BusConfigurationException(
                $"The bus's file {database.Path} cannot have a write-ahead log; its journal is '{mode}'. Name a file on a local disk in "
                    + "Bus:Sqlite:Path.");

        Migrate(database);
    }

    static void Migrate(Database database)
    {
        if (database.Scalar("PRAGMA user_version") == Version)
            return;

        database.Execute("BEGIN IMMEDIATE");
        try
        {
            // Another process may have been faster.
            for (var version = database.Scalar("PRAGMA user_version"); version < Version; version++)
                database.Execute(Migrations[version]);

            database.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}; COMMIT");
        }
        catch (SqliteTransportException)
        {
            // Half a migration must not stay.
            database.Rollback();
            throw;
        }
    }
}
