using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Maestro.Bus.Persistence;

/// <summary>Has a database forget its sessions when one of Entity Framework's commands is told that its session is read-only.</summary>
sealed class ReadOnlySessions(BusDatabase database) : DbCommandInterceptor
{
    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => database.ForgetReadOnly(eventData.Exception);

    public override Task CommandFailedAsync(
        DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        database.ForgetReadOnly(eventData.Exception);
        return Task.CompletedTask;
    }
}
