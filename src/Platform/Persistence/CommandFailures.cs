using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Writes Entity Framework's line of a command or transaction that has failed, unless it has because the database is away: the bus has a
/// line of its own for that. Entity Framework's own line has no exception, so that a log filter cannot tell the two apart.
/// </summary>
sealed class CommandFailures : DbCommandInterceptor, IDbTransactionInterceptor
{
    static readonly CommandFailures Interceptor = new();

    public static void Attach(DbContextOptionsBuilder options) =>
        options
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.CommandError, RelationalEventId.TransactionError))
            .AddInterceptors(Interceptor);

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) =>
        Write(eventData, eventData.Exception, DbLoggerCategory.Database.Command.Name);

    public override Task CommandFailedAsync(
        DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        CommandFailed(command, eventData);
        return Task.CompletedTask;
    }

    public void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData) =>
        Write(eventData, eventData.Exception, DbLoggerCategory.Database.Transaction.Name);

    public Task TransactionFailedAsync(
        DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionFailed(transaction, eventData);
        return Task.CompletedTask;
    }

    static void Write(DbContextEventData failure, Exception exception, string category)
    {
        if (!DatabaseFailures.IsAway(exception))
            failure.Context?.GetService<ILoggerFactory>().CreateLogger(category).Log(
                failure.LogLevel, failure.EventId, failure, null, (written, _) => written.ToString());
    }
}
