using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Makes transactions that end their turn to write however they end; interceptors hear of a commit and a rollback, but not of a disposal.
/// </summary>
sealed class SqliteTransactionFactory(RelationalTransactionFactoryDependencies dependencies) : RelationalTransactionFactory(dependencies)
{
    public override RelationalTransaction Create(
        IRelationalConnection connection,
        DbTransaction transaction,
        Guid transactionId,
        IDiagnosticsLogger<DbLoggerCategory.Database.Transaction> logger,
        bool transactionOwned) =>
        new TurnTransaction(connection, transaction, transactionId, logger, transactionOwned, Dependencies.SqlGenerationHelper);

    sealed class TurnTransaction(
        IRelationalConnection connection,
        DbTransaction transaction,
        Guid transactionId,
        IDiagnosticsLogger<DbLoggerCategory.Database.Transaction> logger,
        bool transactionOwned,
        ISqlGenerationHelper sqlGenerationHelper) :
        RelationalTransaction(connection, transaction, transactionId, logger, transactionOwned, sqlGenerationHelper)
    {
        readonly DbTransaction _transaction = transaction;

        // Entity Framework clears the transaction last, and not at all if the rollback fails, as it does after SQLite has rolled back by
        // itself on a full disk.
        public override void Dispose()
        {
            try
            {
                SqliteRollback.Complete(_transaction);
                base.Dispose();
            }
            finally
            {
                SqliteWriters.Leave(_transaction);
            }
        }

        public override async ValueTask DisposeAsync()
        {
            try
            {
                SqliteRollback.Complete(_transaction);
                await base.DisposeAsync();
            }
            finally
            {
                SqliteWriters.Leave(_transaction);
            }
        }

        protected override void ClearTransaction()
        {
            SqliteWriters.Leave(_transaction);
            base.ClearTransaction();
        }

        protected override Task ClearTransactionAsync(CancellationToken cancellationToken = default)
        {
            SqliteWriters.Leave(_transaction);
            return base.ClearTransactionAsync(cancellationToken);
        }
    }
}
