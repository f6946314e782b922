using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Tells which queues a circuit breaker or kill switch holds back. The process is ready all the same: what it lacks is somebody else's, and
/// it takes messages.
/// </summary>
sealed class PausedQueuesCheck(QueueControls controls) : IHealthCheck
{
    public const string Name = "queues";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var paused = controls.All.Where(control => control.Pause is not null).Select(control => (control.Queue, Pause: control.Pause!))
            .ToList();

        var waiting = controls.All.SelectMany(control =>
            control.PausedDependencies.Select(dependency => (control.Queue, Name: dependency.Key, Pause: dependency.Value))).ToList();

        return Task.FromResult(paused.Count + waiting.Count == 0
            ? HealthCheckResult.Healthy("No queue is paused.")
            : HealthCheckResult.Degraded(string.Join(" ", waiting
                .Select(dependency =>
                    $"{dependency.Queue} waits for '{dependency.Name}' since {dependency.Pause.Since:O}: "
                        + $"{dependency.Pause.Reason.TrimEnd('.')}.")
                .Concat(
                    paused.Select(queue =>
                        $"{queue.Queue} is paused by its {Words(queue.Pause.Cause)} since {queue.Pause.Since:O}: "
                            + $"{queue.Pause.Reason.TrimEnd('.')}.")))));
    }

    static string Words(QueuePauseCause cause) => cause == QueuePauseCause.CircuitBreaker ? "circuit breaker" : "kill switch";
}
