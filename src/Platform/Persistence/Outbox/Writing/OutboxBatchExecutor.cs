#pragma warning disable EF1001 // There is no public way to know which command of a SaveChanges is its last.

using System.Data.Common;
using System.Transactions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Microsoft.EntityFrameworkCore.Update.Internal;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Has the last command of a SaveChanges that is a transaction of its own write the context's outbox messages, too: without a round trip of
/// their own, and, where rows are only added, in a single one together with the commit. A SaveChanges that is known to be the last one of a
/// transaction can commit it likewise.
/// </summary>
sealed class OutboxBatchExecutor(ICurrentDbContext current, IDiagnosticsLogger<DbLoggerCategory.Update> logger)
    : BatchExecutor(current, logger)
{
    bool _isLastSave, _isGuarded, _isLastCommand, _hasCommit;
    Guid? _committed;

    // What waits for the context's commit.
    OutboxBuffer? Buffer =>
        CurrentContext.Context.GetService<OutboxBuffers>().TryGet(CurrentContext.Context, out var buffer) && buffer.Count > 0
            ? buffer
            : null;

    /// <summary>A context's executor, where the context writes to the outbox.</summary>
    public static OutboxBatchExecutor? Of(DbContext context) => context.GetService<IBatchExecutor>() as OutboxBatchExecutor;

    /// <summary>
    /// Saves what is the last of the current transaction, and commits it in the same round trip if it is a single change and the database
    /// can. The commit that follows has nothing left to do then.
    /// </summary>
    /// <param name="isGuarded">Whether the change may meet no row, because another transaction was faster. Then nothing is committed, and
    /// <see cref="Conflict.IsGuard"/> tells of it.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task SaveLast(bool isGuarded, CancellationToken cancellationToken)
    {
        (_isLastSave, _isGuarded) = (true, isGuarded);

        try
        {
            await CurrentContext.Context.SaveChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Also where there was nothing to save: the context is used again.
            (_isLastSave, _isGuarded) = (false, false);
        }
    }

    /// <summary>Whether a transaction was committed by its last change already.</summary>
    public bool HasCommitted(Guid transactionId) => _committed == transactionId;

    /// <summary>Appends to the last command of a SaveChanges what goes with it.</summary>
    public void Complete(DbCommand command)
    {
        if (!_isLastCommand)
            return;

        _isLastCommand = false;
        if (Buffer is { } buffer)
            buffer.Append(command);
        else if ((_isGuarded ? Guarded(command.CommandText) : command.CommandText) is { } change)
        {
            command.CommandText = $"{change};\nCOMMIT";
            _hasCommit = true;
        }
    }

    // Divides by the number of changed rows. The commit after a failed statement is not executed.
    static string? Guarded(string update)
    {
        const string end = "RETURNING xmin;";
        var text = update.AsSpan().TrimEnd();
        return text.EndsWith(end, StringComparison.Ordinal)
            ? $"WITH saved AS ({text[..^1]}) SELECT saved.xmin, counted.one FROM (SELECT 1 / count(*) AS one FROM saved) counted LEFT JOIN "
                + "saved ON true"
            : null;
    }

    public override int Execute(IEnumerable<ModificationCommandBatch> commandBatches, IRelationalConnection connection) =>
        base.Execute(Marked(commandBatches), connection);

    public override Task<int> ExecuteAsync(
        IEnumerable<ModificationCommandBatch> commandBatches, IRelationalConnection connection,
        CancellationToken cancellationToken = default) =>
        base.ExecuteAsync(Marked(commandBatches), connection, cancellationToken);

    IEnumerable<ModificationCommandBatch> Marked(IEnumerable<ModificationCommandBatch> batches)
    {
        var database = CurrentContext.Context.Database;
        if (!database.IsPostgres())
            return batches;

        if (database.CurrentTransaction is not null)
            return _isLastSave && Buffer is null ? Mark(batches, commits: true) : batches;

        return Buffer is not null && Transaction.Current is null && database.GetEnlistedTransaction() is null
            ? Mark(batches, commits: false)
            : batches;
    }

    IEnumerable<ModificationCommandBatch> Mark(IEnumerable<ModificationCommandBatch> batches, bool commits)
    {
        var isFirst = true;

        foreach (var batch in batches)
        {
            if (batch.AreMoreBatchesExpected || (commits && !(isFirst && batch.ModificationCommands.Count == 1)))
                yield return batch;
            else
                // The statements of one command are one transaction. But that a row to be changed is not there any more shows only when
                // they have been committed.
                yield return new LastBatch(
                    this, batch,
                    commits ? batch.RequiresTransaction : !isFirst
                        || batch.ModificationCommands.Any(command => command.EntityState != EntityState.Added));

            isFirst = false;
        }
    }

    void Begin() => _isLastCommand = true;

    void Succeeded()
    {
        if (_hasCommit)
            _committed = CurrentContext.Context.Database.CurrentTransaction!.TransactionId;
    }

    // A command that was never sent must not leave the messages, or the commit, to the next one.
    void End() => (_isLastCommand, _hasCommit) = (false, false);

    sealed class LastBatch(OutboxBatchExecutor executor, ModificationCommandBatch batch, bool requiresTransaction)
        : ModificationCommandBatch
    {
        public override IReadOnlyList<IReadOnlyModificationCommand> ModificationCommands => batch.ModificationCommands;

        public override bool AreMoreBatchesExpected => false;

        public override bool RequiresTransaction => requiresTransaction;

        public override bool TryAddCommand(IReadOnlyModificationCommand modificationCommand) => batch.TryAddCommand(modificationCommand);

        public override void Complete(bool moreBatchesExpected) => batch.Complete(moreBatchesExpected);

        public override void Execute(IRelationalConnection connection)
        {
            executor.Begin();

            try
            {
                batch.Execute(connection);
                executor.Succeeded();
            }
            finally
            {
                executor.End();
            }
        }

        public override async Task ExecuteAsync(IRelationalConnection connection, CancellationToken cancellationToken = default)
        {
            executor.Begin();

            try
            {
                await batch.ExecuteAsync(connection, cancellationToken).ConfigureAwait(false);
                executor.Succeeded();
            }
            finally
            {
                executor.End();
            }
        }
    }
}
