using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Scheduling;

/// <summary>Tells of schedules that nobody runs. The process is ready all the same: it takes messages.</summary>
sealed class SchedulesCheck(HolderWatch watch) : IHealthCheck
{
    public const string Name = "schedules";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watch.Problem is { } problem ? HealthCheckResult.Degraded(problem)
            : HealthCheckResult.Healthy("The schedules are run."));
}
