using Microsoft.Data.Sqlite;
using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>Tells what went wrong only because two messages met: the same message succeeds when it is tried again.</summary>
static class Conflict
{
    const int SqliteBusy = 5;
    const int SqliteLocked = 6;
    const int SqlitePrimaryKey = 1555;
    const int SqliteUnique = 2067;

    public static bool IsConflict(Exception exception) =>
        exception switch
        {
            DbUpdateConcurrencyException or ConcurrencyException => true,
            PostgresException
            {
                SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected
                or PostgresErrorCodes.LockNotAvailable
            } => true,
            SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked } => true,
            { InnerException: { } inner } => IsConflict(inner),
            _ => false,
        };

    public static bool IsDuplicate(DbUpdateException exception) =>
        exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }
            or SqliteException { SqliteExtendedErrorCode: SqlitePrimaryKey or SqliteUnique };

    /// <summary>
    /// Whether the query failed that says that a change has met its row (see <see cref="OutboxBatchExecutor.SaveLast"/>).
    /// </summary>
    public static bool IsGuard(DbUpdateException exception) =>
        exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.DivisionByZero };
}
