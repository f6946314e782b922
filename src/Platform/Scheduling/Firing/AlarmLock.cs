using System.Data.Common;
using Quartz.Impl.AdoJobStore;
using Quartz.Impl.AdoJobStore.Common;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// Takes the locks of Quartz's store on PostgreSQL, and fails with what the database has said. Quartz 4.7's own handler tries a statement
/// that has failed twice more in the same transaction, where PostgreSQL refuses everything (25P02), and throws the last refusal: nobody
/// learns from it that the database is away, or that the session is read-only. PostgreSQL also ends the transaction of a host that is
/// frozen while it has a lock: all other hosts wait for that lock.
/// </summary>
sealed class AlarmLock(IDbProvider provider, DatabaseOutage? outage = null)
    : DbLockHandler(AlarmClock.TablePrefix, schedulerName: null, sql: Select, insertSql: Insert, dbProvider: provider)
{
    // Quartz puts the tables' prefix in the place of {0}.
    static readonly string Select =
        $"{ScheduleTransaction.EndFrozen}; "
            + "SELECT lock_name FROM {0}locks WHERE sched_name = @schedulerName AND lock_name = @lockName FOR UPDATE";
    const string Insert = "INSERT INTO {0}locks (sched_name, lock_name) VALUES (@schedulerName, @lockName) ON CONFLICT DO NOTHING";

    protected override async ValueTask ExecuteSql(
        Guid requestorId, ConnectionAndTransactionHolder conn, string lockName, string expandedSql, string expandedInsertSql,
        CancellationToken cancellationToken = default)
    {
        try
        {
            // Of two hosts that insert the row at once, one waits for the other and inserts nothing.
            while (!await IsTaken())
                await Run(expandedInsertSql, command => command.ExecuteNonQueryAsync(cancellationToken));
        }
        catch (DbException exception)
        {
            // Quartz's loops tell nobody else.
            outage?.Tells(exception);
            throw new LockException($"The lock {lockName} could not be taken: {exception.Message}", exception);
        }

        Task<bool> IsTaken() => Run(expandedSql, async command =>
        {
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            return await rows.ReadAsync(cancellationToken);
        });

        async Task<T> Run<T>(string statement, Func<DbCommand, Task<T>> run)
        {
            await using var command = PrepareCommand(conn, statement);
            AddCommandParameter(command, "schedulerName", SchedulerName);
            AddCommandParameter(command, "lockName", lockName);
            return await run(command);
        }
    }
}
