using System.Data.Common;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>Tells which database a context is on, and gives access to the transaction of the message being handled.</summary>
public static class DatabaseFacadeExtensions
{
    /// <summary>
    /// Whether a context is on PostgreSQL. For what runs with each message: Entity Framework's own question puts an assembly's name
    /// together each time.
    /// </summary>
    public static bool IsPostgres(this DatabaseFacade database) => database.GetDbConnection() is NpgsqlConnection;

    /// <summary>
    /// Begins the transaction of the message being handled, unless it has begun, for statements that Entity Framework does not see, such
    /// as those of a command made from its
    /// connection. On SQLite it lasts until the message is handled, and no other message of the process is committed meanwhile: wait for
    /// other systems before.
    /// </summary>
    /// <returns>The transaction, to be set on such commands.</returns>
    /// <exception cref="InvalidOperationException">The context is not used to handle a message, and has no transaction.</exception>
    public static async Task<DbTransaction> EnterTransactionAsync(
        this DatabaseFacade database, CancellationToken cancellationToken = default)
    {
        if (InboxEntry.Of(((IDatabaseFacadeDependenciesAccessor)database).Context) is { } entry)
            await entry.Enter(cancellationToken);

        return database.CurrentTransaction?.GetDbTransaction()
            ?? throw new InvalidOperationException("The context is not used to handle a message, and has no transaction. Begin one.");
    }
}
