namespace Maestro.Bus.Alerting;

/// <summary>Tells of dead letters soon after they come, once for all that failed alike.</summary>
sealed partial class DeadLetterAlertLoop(
    IDeadLetterAlerts alerts, AlertChannels channels, AlertSettings settings, DatabaseOutage outage, TimeProvider time,
    ILogger<DeadLetterAlertLoop> logger) : BackgroundService
{
    const int MostGroups = 20;

    // Longer than all channels together may take; what a host that dies has claimed is told of by another one still within the minute.
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        channels.IsEmpty ? Task.CompletedTask : Periodic.Run(settings.Interval, time, Tell, Failed, stoppingToken);

    async Task Tell(CancellationToken cancellationToken)
    {
        var arrivals = await alerts.Claim(settings.Quiet, Lease, MostGroups, cancellationToken);
        if (arrivals.Count == 0)
            return;

        var alert = AlertText.Of(arrivals, time.GetUtcNow());

        // If no channel has it, it is tried again when the lease is over.
        if (await channels.Send(alert, cancellationToken))
            await alerts.Told(arrivals, cancellationToken);
    }

    void Failed(Exception exception)
    {
        if (!outage.Tells(exception))
            NotLooked(exception);
    }

    [LoggerMessage(2, LogLevel.Warning, "Whether there are dead letters to tell of could not be seen; it is tried again")]
    partial void NotLooked(Exception exception);
}
