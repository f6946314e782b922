using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Writes Entity Framework's line of a command that has failed, unless it has because the database is away: the bus has a line of its own
/// for that. Entity Framework's own comes without the exception, so that nobody can tell the two apart.
/// </summary>
sealed class CommandFailures : DbCommandInterceptor
{
    static readonly CommandFailures Interceptor = new();

    public static void Attach(DbContextOptionsBuilder options) =>
        options.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.CommandError)).AddInterceptors(Interceptor);

    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Write(eventData);

    public override Task CommandFailedAsync(
        DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Write(eventData);
        return Task.CompletedTask;
    }

    static void Write(CommandErrorEventData failure)
    {
        if (!DatabaseFailures.IsAway(failure.Exception))
            failure.Context?.GetService<ILoggerFactory>().CreateLogger(DbLoggerCategory.Database.Command.Name).Log(
                failure.LogLevel, failure.EventId, failure, null, (written, _) => written.ToString());
    }
}
