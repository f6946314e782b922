using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MaestroBus.Riders;

/// <summary>Asks the broker itself, each time: a client that only waits for records does not notice that there is nobody to send any.</summary>
sealed class StreamHealthCheck(IStreamPlugin plugin) : IHealthCheck
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await plugin.Probe(Limit, cancellationToken).WaitAsync(Limit + Limit, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"The {plugin.Scheme} broker answers.");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever the client throws says that the broker has not answered.
            return new HealthCheckResult(context.Registration.FailureStatus, $"The {plugin.Scheme} broker does not answer: {exception.Message}", exception);
        }
    }
}
