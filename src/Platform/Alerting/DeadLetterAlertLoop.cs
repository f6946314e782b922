namespace MaestroBus.Alerting;

/// <summary>Tells of dead letters soon after they come, once for all that failed alike.</summary>
sealed partial class DeadLetterAlertLoop(
    IDeadLetterAlerts alerts, IEnumerable<IAlertChannel> channels, AlertSettings settings, TimeProvider time, ILogger<DeadLetterAlertLoop> logger) : BackgroundService
{
    const int MostGroups = 20;

    // Longer than all channels together may take; what a host that dies has claimed is told of by another one still within the minute.
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    readonly IAlertChannel[] _channels = [.. channels];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_channels.Length == 0)
            return;

        using var timer = new PeriodicTimer(settings.Interval, time);

        try
        {
            do
            {
                try
                {
                    await Tell(stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    NotLooked(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    async Task Tell(CancellationToken cancellationToken)
    {
        var arrivals = await alerts.Claim(settings.Quiet, Lease, MostGroups, cancellationToken);
        if (arrivals.Count == 0)
            return;

        var alert = AlertText.Of(arrivals, time.GetUtcNow());
        var sent = await Task.WhenAll(_channels.Select(channel => Send(channel, alert, cancellationToken)));

        // If one channel has it, a second alert because of another that is down would be noise. If none has, it is tried again when the lease is over.
        if (sent.Contains(true))
            await alerts.Told(arrivals, cancellationToken);
    }

    async Task<bool> Send(IAlertChannel channel, Alert alert, CancellationToken cancellationToken)
    {
        try
        {
            await channel.Send(alert, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            NotSent(exception, channel.Name, alert.Title);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The alert '{Title}' could not be sent by {Channel}")]
    partial void NotSent(Exception exception, string channel, string title);

    [LoggerMessage(2, LogLevel.Warning, "Whether there are dead letters to tell of could not be seen; it is tried again")]
    partial void NotLooked(Exception exception);
}
