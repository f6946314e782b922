using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Tells whether the database can be written, and whether the outbox advances: without either the process does no work that lasts.
/// </summary>
sealed class DatabaseHealthCheck(BusDatabase database, DatabaseOutage outage, TimeProvider time, OutboxCondition? outbox = null)
    : IHealthCheck
{
    public const string Name = "database";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);

        try
        {
            await using var connection = await database.Open(either.Token);
            if (database.Provider == DatabaseProvider.PostgreSql)
            {
                if (await database.IsReadOnly(connection, either.Token))
                    return HealthCheckResult.Unhealthy($"{database.Name} is read-only. Connect to the primary.");
            }
            else
            {
                await using var command = connection.CreateCommand();
                command.CommandText = "SELECT count(*) FROM sqlite_schema";
                await command.ExecuteScalarAsync(either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"{database.Name} has not answered within {Limit.TotalSeconds:0} s.");
        }
        catch (Exception exception) when (exception is DbException or IOException or UnauthorizedAccessException
            or InvalidOperationException)
        {
            // An idle host meets it here first.
            outage.Tells(exception);
            return HealthCheckResult.Unhealthy($"{database.Name} does not answer: {exception.GetBaseException().Message}", exception);
        }

        return outage.Reason is { } reason ? HealthCheckResult.Unhealthy($"{database.Name} cannot be used: {reason}.")
            : outbox?.Problem is { } problem ? HealthCheckResult.Unhealthy(problem)
            : HealthCheckResult.Healthy($"{database.Name} answers.");
    }
}
