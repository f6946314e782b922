using System.Data.Common;

namespace Maestro.Bus.Messaging;

/// <summary>Tells a database that is away from one that refuses a statement.</summary>
public static class DatabaseFailures
{
    // Classes and codes of PostgreSQL's errors (its documentation, appendix A), of which the first two letters are the SQL standard's.
    static readonly string[] Away =
    [
        "08", // Connection, and what PgBouncer answers that has no server to give, or whose server was lost (08P01).
        // Credentials: a rotation, or an identity provider that is away. At a first start a wrong password is final before anything asks
        // here.
        "28",
        "53", // Too many connections, out of disk or memory.
        "57P", // Shutdown, start, dropped connections.
        "58", // The server's own input and output.
        "25006", // Read-only: a former primary after a failover.
        "25P03", "25P04", // The server has ended a session that was idle or too long in a transaction.
        "40003", // The connection was lost while a statement ran: whether it is done is not known, and the inbox finds out.
    ];

    // SQLite's primary result codes. A lock is another program's, or a frozen process's; a full, read-only or failing disk is put right.
    static readonly int[] SqliteAway =
    [
        5, // SQLITE_BUSY
        6, // SQLITE_LOCKED
        7, // SQLITE_NOMEM
        8, // SQLITE_READONLY
        10, // SQLITE_IOERR
        13, // SQLITE_FULL
        14, // SQLITE_CANTOPEN
        15, // SQLITE_PROTOCOL: the locks of the write-ahead log
    ];

    /// <summary>
    /// Tells whether an exception, or one of its causes, means that the database is away for now: the same statement will do once it is
    /// back.
    /// </summary>
    public static bool IsAway(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException database && IsAway(database))
                return true;

            // What a client with several hosts throws if none of them will do.
            if (cause is AggregateException { InnerExceptions: { Count: > 1 } several })
                return several.Any(IsAway);
        }

        return false;
    }

    internal static bool IsAway(DbException exception)
    {
        if (exception.SqlState is { } state)
            return Array.Exists(Away, prefix => state.StartsWith(prefix, StringComparison.Ordinal));

        // What has no state has not come as far as the database, except on SQLite, which has codes of its own. Their clients are not
        // known here: a host need not have them.
        var client = exception.GetType();
        return client.GetProperty("SqliteErrorCode")?.GetValue(exception) is int code
            ? SqliteAway.Contains(code)
            : exception.IsTransient || client.FullName == "Npgsql.NpgsqlException";
    }
}
