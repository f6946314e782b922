using System.Data.Common;
using System.Transactions;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Has a context write what was published beside it in its own transaction: last of all before the commit, whether that is SaveChanges's
/// own or the outermost one. The messages are sent once it is committed, and never after a rollback.
/// </summary>
sealed class OutboxInterceptor(OutboxBuffers buffers) : ISaveChangesInterceptor, IDbTransactionInterceptor, IDbCommandInterceptor
{
    public InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        if (eventData.CommandSource == CommandSource.SaveChanges)
            OutboxBatchExecutor.Of(eventData.Context!)?.Complete(command);
        else if (eventData.CommandSource == CommandSource.LinqQuery)
            RowLock.Append(command);

        return result;
    }

    public ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default) =>
        new(ReaderExecuting(command, eventData, result));

    public int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        WriteRest(eventData.Context, default).GetAwaiter().GetResult();
        return result;
    }

    public async ValueTask<int> SavedChangesAsync(
        SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        await WriteRest(eventData.Context, cancellationToken).ConfigureAwait(false);
        return result;
    }

    public void SaveChangesFailed(DbContextErrorEventData eventData) => Failed(eventData.Context);

    public Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default) =>
        Failed(eventData.Context);

    public void SaveChangesCanceled(DbContextEventData eventData) => Failed(eventData.Context);

    public Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default) =>
        Failed(eventData.Context);

    public void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Failed(eventData.Context);

    public Task CommandFailedAsync(
        DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default) => Failed(eventData.Context);

    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData) => Failed(eventData.Context);

    public Task TransactionFailedAsync(
        DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default) =>
        Failed(eventData.Context);

    public InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
    {
        Write(transaction, eventData, default).GetAwaiter().GetResult();
        return result;
    }

    public async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context && OutboxBatchExecutor.Of(context)?.HasCommitted(eventData.TransactionId) == true)
            return InterceptionResult.Suppress();

        await Write(transaction, eventData, cancellationToken).ConfigureAwait(false);
        return result;
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData)
    {
        if (buffers.TryGet(eventData.Context, out var buffer))
            buffer.Committed();
    }

    public Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionCommitted(transaction, eventData);
        return Task.CompletedTask;
    }

    public void TransactionRolledBack(DbTransaction transaction, TransactionEndEventData eventData)
    {
        if (buffers.TryGet(eventData.Context, out var buffer))
            buffer.RolledBack();
    }

    public Task TransactionRolledBackAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionRolledBack(transaction, eventData);
        return Task.CompletedTask;
    }

    public DbTransaction TransactionUsed(DbConnection connection, TransactionEventData eventData, DbTransaction result)
    {
        if (eventData.Context is { } context)
            buffers.Of(context).IsForeign = true;

        return result;
    }

    public ValueTask<DbTransaction> TransactionUsedAsync(
        DbConnection connection, TransactionEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        new(TransactionUsed(connection, eventData, result));

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        if (buffers.TryGet(eventData.Context, out var buffer))
            buffer.IsForeign = false;

        return result;
    }

    public ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        new(TransactionStarted(connection, eventData, result));

    Task Failed(DbContext? context)
    {
        if (buffers.TryGet(context, out var buffer))
            buffer.Failed();

        return Task.CompletedTask;
    }

    Task Write(DbTransaction transaction, TransactionEventData eventData, CancellationToken cancellationToken) =>
        buffers.TryGet(eventData.Context, out var buffer)
            ? buffer.Write(transaction.Connection!, transaction, eventData.TransactionId, cancellationToken)
            : Task.CompletedTask;

    /// <summary>
    /// Writes what no commit of Entity Framework's has: there was nothing else to save, or the transaction is not one that it commits.
    /// </summary>
    async Task WriteRest(DbContext? context, CancellationToken cancellationToken)
    {
        if (!buffers.TryGet(context, out var buffer) || buffer.Count == 0)
            return;

        buffer.CommandCommitted();
        if (buffer.Count == 0)
            return;

        if (context!.Database.CurrentTransaction is { } current)
        {
            // Nothing tells of the commit of a transaction that was begun elsewhere; the messages are found by polling.
            if (buffer.IsForeign)
                await WriteNow(buffer, context, current.TransactionId, cancellationToken).ConfigureAwait(false);
        }
        else if (Transaction.Current is { } ambient)
        {
            await WriteNow(buffer, context, null, cancellationToken).ConfigureAwait(false);
            ambient.TransactionCompleted += (_, completed) =>
            {
                if (completed.Transaction?.TransactionInformation.Status == TransactionStatus.Committed)
                    buffer.Committed();
                else
                    buffer.RolledBack();
            };
        }
        else
        {
            await context.Database.CreateExecutionStrategy().ExecuteAsync(
                async token =>
                {
                    await using var transaction = await context.Database.BeginTransactionAsync(token).ConfigureAwait(false);
                    await transaction.CommitAsync(token).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    static async Task WriteNow(OutboxBuffer buffer, DbContext context, Guid? transactionId, CancellationToken cancellationToken)
    {
        var transaction = context.Database.CurrentTransaction is { } current
            ? Microsoft.EntityFrameworkCore.Storage.DbContextTransactionExtensions.GetDbTransaction(current)
            : null;

        // After a SaveChanges in an ambient transaction, the connection is closed, and opened again it is in that transaction again.
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            await buffer.Write(context.Database.GetDbConnection(), transaction, transactionId, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await context.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }
}
