using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Says that the host is not ready while its broker does no work for it: it cannot be reached, an alarm is on, it confirms nothing, or a
/// queue has lost its
/// consumers.
/// </summary>
sealed class BrokerCheck(BrokerState state, QueueControls controls) : IHealthCheck
{
    public const string Name = "rabbitmq-work";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var abandoned = state.Abandoned.Where(queue => controls.Find(queue)?.Pause is null).ToList();

        return Task.FromResult(
            state.Away is { } away ? HealthCheckResult.Unhealthy(away)
            : state.Blocked is { } reason ? HealthCheckResult.Unhealthy($"RabbitMQ takes no messages: an alarm is on ({reason}).")
            : state.IsSilent ? HealthCheckResult.Unhealthy("RabbitMQ has not confirmed a message for several seconds.")
            : abandoned.Count > 0 ? HealthCheckResult.Unhealthy($"Queues without a consumer: {string.Join(", ", abandoned)}.")
            : HealthCheckResult.Healthy("RabbitMQ takes messages, and the queues have consumers."));
    }
}
