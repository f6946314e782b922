using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Whether the bus's file can be written. MassTransit's own check knows of the endpoints only, which are well when nothing can be sent.
/// </summary>
sealed class SqliteHealthCheck(IServiceProvider services, BrokerFileWait? file = null) : IHealthCheck
{
    public const string Name = "sqlite-file";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (file is { IsOver: false })
            return Task.FromResult(HealthCheckResult.Unhealthy($"The bus's file {file.Path} cannot be used yet."));

        var broker = services.GetRequiredService<SqliteBroker>();
        return Task.FromResult(broker.Failure is { } failure
            ? HealthCheckResult.Unhealthy(failure.Message, failure)
            : HealthCheckResult.Healthy($"The bus's file {broker.Path} can be written."));
    }
}
