using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Runs the checks of <c>/health/ready</c>. Anybody may ask, and each check asks a database or broker: callers without a key share an
/// answer that is a second old at most, however many they are.
/// </summary>
sealed class Readiness(HealthCheckService checks, TimeProvider time)
{
    static readonly TimeSpan OldestAnswer = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    Task<HealthReport>? _newest;
    long _begun;

    /// <summary>Runs the checks.</summary>
    public Task<HealthReport> Check(CancellationToken cancellationToken) =>
        checks.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Ready), cancellationToken);

    /// <summary>Returns what the checks have found within the last second, or else runs them once for all who ask meanwhile.</summary>
    public Task<HealthReport> Newest(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_newest is null || (_newest.IsCompleted && time.GetElapsedTime(_begun) >= OldestAnswer))
            {
                _begun = time.GetTimestamp();
                _newest = Task.Run(() => Check(CancellationToken.None), CancellationToken.None);
            }

            return _newest.WaitAsync(cancellationToken);
        }
    }
}
