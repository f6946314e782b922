using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Completes transactions that SQLite has rolled back by itself, as it does when a commit meets a full disk. Microsoft.Data.Sqlite 10 does
/// not hear of that, and rolls back once more when they are disposed: that fails, hides why the commit failed, and leaves the connection
/// unusable.
/// </summary>
static class SqliteRollback
{
    /// <summary>Completes a transaction that SQLite has rolled back; does nothing to any other. Call it before the disposal.</summary>
    public static void Complete(DbTransaction transaction)
    {
        if (transaction is not SqliteTransaction { Connection: { State: ConnectionState.Open, Handle: { } handle } }
            || IsInTransaction(handle))
            return;

        // There is something to roll back then. If the client did hear of the rollback, it leaves that alone.
        raw.sqlite3_exec(handle, "BEGIN");
        transaction.Rollback();
        if (IsInTransaction(handle))
            raw.sqlite3_exec(handle, "ROLLBACK");
    }

    static bool IsInTransaction(sqlite3 handle) => raw.sqlite3_get_autocommit(handle) == 0;
}
