using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Tells the log why the host is not ready, or degraded: <c>/health/ready</c> keeps that from callers without a key. A line when a check's
/// state changes, whoever asks for it and whether anybody does.
/// </summary>
sealed partial class ReadinessLog(IHostApplicationLifetime lifetime, ILogger<ReadinessLog> logger) : IHealthCheckPublisher
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    readonly Dictionary<string, HealthStatus> _known = new(StringComparer.Ordinal);

    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<Readiness>();
        services.AddSingleton<IHealthCheckPublisher, ReadinessLog>();
        services.AddSingleton<HealthHistory>();
        services.AddSingleton<IHealthCheckPublisher>(provider => provider.GetRequiredService<HealthHistory>());
        services.Configure<HealthCheckPublisherOptions>(options =>
        {
            (options.Delay, options.Period) = (Interval, Interval);
            options.Predicate = check => check.Tags.Contains(HealthTags.Ready);
        });
    }

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        // While it starts and stops it is not ready, as everybody expects.
        if (!lifetime.ApplicationStarted.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
            return Task.CompletedTask;

        foreach (var (name, entry) in report.Entries)
        {
            var before = _known.GetValueOrDefault(name, HealthStatus.Healthy);
            _known[name] = entry.Status;

            if (entry.Status != before)
                Tell(name, entry);
        }

        return Task.CompletedTask;
    }

    void Tell(string name, HealthReportEntry entry)
    {
        if (entry.Status == HealthStatus.Healthy)
            IsWell(name);
        else if (entry.Status == HealthStatus.Degraded && entry.Tags.Contains(HealthTags.Tolerated))
            IsDegraded(name, LogText.Clean(entry.Description));
        else
            IsNotReady(name, LogText.Clean(entry.Description));
    }

    [LoggerMessage(97, LogLevel.Warning, "This host is not ready because of {Check}: {Reason}")]
    partial void IsNotReady(string check, string reason);

    [LoggerMessage(98, LogLevel.Warning, "This host is ready, but {Check} is degraded: {Reason}")]
    partial void IsDegraded(string check, string reason);

    [LoggerMessage(99, LogLevel.Information, "{Check} is well again")]
    partial void IsWell(string check);
}
