using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Alerting;

/// <summary>
/// Tells people of health checks that ask for it: once when a check fails, and again when it still fails after the quiet time.
/// </summary>
sealed class HealthAlertLoop(
    HealthCheckService health, AlertChannels channels, AlertSettings settings, TimeProvider time) : BackgroundService
{
    readonly Dictionary<string, TimeSpan> _told = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (channels.IsEmpty)
            return;

        using var timer = new PeriodicTimer(settings.Interval, time);

        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Look(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    async Task Look(CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Alerted), cancellationToken);

        foreach (var (name, entry) in report.Entries)
        {
            if (entry.Status == HealthStatus.Healthy)
                _told.Remove(name);
            else if (!_told.TryGetValue(name, out var told) || time.Monotonic() - told >= settings.Quiet)
                await Tell(name, entry.Description ?? $"{entry.Status}", cancellationToken);
        }
    }

    async Task Tell(string name, string problem, CancellationToken cancellationToken)
    {
        var now = time.Monotonic();
        var alert = new Alert($"{Environment.MachineName}: {name} is degraded", LogText.Clean(problem), time.GetUtcNow(), []);
        if (await channels.Send(alert, cancellationToken))
            _told[name] = now;
    }
}
