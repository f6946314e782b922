using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Riders;

/// <summary>
/// Asks the broker itself, each time: a client that only waits for records does not notice that there is nobody to send any. And the
/// endpoints, whether they are members of their groups: a broker that answers may refuse them.
/// </summary>
sealed class StreamHealthCheck(Func<StreamRider> find, string scheme) : IHealthCheck
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        StreamRider rider;

        try
        {
            rider = find();
        }
        catch (ConfigurationException)
        {
            // MassTransit knows of no rider before its bus starts.
            return new HealthCheckResult(context.Registration.FailureStatus, $"The {scheme} rider has not started yet.");
        }

        var plugin = rider.Plugin;

        try
        {
            await plugin.Probe(Limit, cancellationToken).WaitAsync(Limit + Limit, cancellationToken).ConfigureAwait(false);
            return rider.Problems is { Count: > 0 } problems
                ? new HealthCheckResult(
                    context.Registration.FailureStatus, $"The {scheme} broker answers. {string.Join(" ", problems)}")
                : HealthCheckResult.Healthy($"The {scheme} broker answers, and its topics are read.");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever the client throws says that the broker has not answered.
            return new HealthCheckResult(
                context.Registration.FailureStatus, $"The {scheme} broker does not answer: {exception.Message}", exception);
        }
    }
}
