using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence;

/// <summary>Begins the transaction of the message being handled with the first statement of its consumer that writes.</summary>
sealed partial class SqliteInboxInterceptor : DbCommandInterceptor, ISaveChangesInterceptor
{
    static readonly string[] Reads = ["SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA"];

    public InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        InboxEntry.Of(eventData.Context)?.Enter(CancellationToken.None).GetAwaiter().GetResult();
        return result;
    }

    public async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (InboxEntry.Of(eventData.Context) is { } entry)
            await entry.Enter(cancellationToken);

        return result;
    }

    public override InterceptionResult<int> NonQueryExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Enter(command, eventData);
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await EnterAsync(command, eventData, cancellationToken);
        return result;
    }

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Enter(command, eventData);
        return result;
    }

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result,
        CancellationToken cancellationToken = default)
    {
        await EnterAsync(command, eventData, cancellationToken);
        return result;
    }

    static void Enter(DbCommand command, CommandEventData eventData) =>
        EnterAsync(command, eventData, CancellationToken.None).GetAwaiter().GetResult();

    static async Task EnterAsync(DbCommand command, CommandEventData eventData, CancellationToken cancellationToken)
    {
        if (command.Transaction is not null || !Writes(command, eventData.CommandSource)
            || InboxEntry.Of(eventData.Context) is not { } entry)
            return;

        await entry.Enter(cancellationToken);
        // Entity Framework made the command before there was a transaction.
        command.Transaction = eventData.Context!.Database.CurrentTransaction!.GetDbTransaction();
    }

    static bool Writes(DbCommand command, CommandSource source) => source switch
    {
        CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete or CommandSource.ExecuteSqlRaw => true,
        // An INSERT … RETURNING is a query, too, and so is one behind a WITH.
        CommandSource.FromSqlQuery => !Array.Exists(Reads, read => StartsWith(command, read))
            || (StartsWith(command, "WITH") && Change().IsMatch(command.CommandText)),
        _ => false,
    };

    static bool StartsWith(DbCommand command, string word) =>
        command.CommandText.AsSpan().TrimStart().StartsWith(word, StringComparison.OrdinalIgnoreCase);

    // The name of a function or a part of a text may be among them: the transaction begins a little early then.
    [GeneratedRegex(@"\b(INSERT|UPDATE|DELETE|REPLACE)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Change();
}
