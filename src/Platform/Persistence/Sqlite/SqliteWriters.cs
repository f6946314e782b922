using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Lets the transactions of this process write to an SQLite file one after the other, in their order. SQLite has one writer at a time, and
/// those that wait in it try again and again: some of them far too late. Other processes are waited for in SQLite's own way.
/// </summary>
sealed class SqliteWriters : DbTransactionInterceptor, IDbConnectionInterceptor, ISaveChangesInterceptor
{
    static readonly ConditionalWeakTable<DbTransaction, IDisposable> Turns = [];

    readonly SemaphoreSlim _turn = new(1);

    /// <summary>Waits for the turn, which lasts until what is returned is disposed.</summary>
    public async Task<IDisposable> Enter(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    /// <summary>Ends the turn of a transaction that has ended.</summary>
    public static void Leave(DbTransaction transaction)
    {
        if (Turns.TryGetValue(transaction, out var turn))
            turn.Dispose();
    }

    /// <summary>Sets what SQLite keeps per connection: a commit is on disk, like a message's; another process is waited for.</summary>
    public static void Prepare(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000";
        command.ExecuteNonQuery();
    }

    public override InterceptionResult<DbTransaction> TransactionStarting(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result)
    {
        InboxEntry.RefuseOther(eventData.Context);
        _turn.Wait();
        return Begin(connection, eventData.IsolationLevel);
    }

    public override async ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default)
    {
        InboxEntry.RefuseOther(eventData.Context);
        await _turn.WaitAsync(cancellationToken);
        return Begin(connection, eventData.IsolationLevel);
    }

    public void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Prepare(connection);

    public Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Prepare(connection);
        return Task.CompletedTask;
    }

    public InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        AlwaysInTransaction(eventData);
        return result;
    }

    public ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        AlwaysInTransaction(eventData);
        return ValueTask.FromResult(result);
    }

    // A single statement writes without a transaction otherwise, and out of turn.
    static void AlwaysInTransaction(DbContextEventData eventData)
    {
        if (eventData.Context is { Database: { AutoTransactionBehavior: AutoTransactionBehavior.WhenNeeded } database })
            database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
    }

    InterceptionResult<DbTransaction> Begin(DbConnection connection, IsolationLevel isolationLevel)
    {
        var turn = new Turn(_turn);

        try
        {
            // Immediate: the transaction is the writer from its beginning, so that what it has read is still so when it writes.
            var transaction = ((SqliteConnection)connection).BeginTransaction(isolationLevel, deferred: false);
            Turns.Add(transaction, turn);
            return InterceptionResult<DbTransaction>.SuppressWithResult(transaction);
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
                turn.Release();
        }
    }
}
