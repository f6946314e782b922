namespace Maestro.Bus.Persistence;

/// <summary>Forgets handled messages after their time, and measures the backlog.</summary>
sealed partial class OutboxHousekeeping(
    IOutboxStore store, OutboxMetrics metrics, ISharedReporter reporter, DatabaseSettings settings, DatabaseOutage outage,
    SteadyClock clock, TimeProvider time,
    ILogger<OutboxHousekeeping> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        settings.Inbox.Cleanup
            ? Periodic.Run(settings.Inbox.CleanupInterval, time, ForgetHandled, Failed, stoppingToken)
            : Task.CompletedTask,
        Periodic.Run(settings.Outbox.MeasureInterval, time, Measure, Failed, stoppingToken));

    async Task ForgetHandled(CancellationToken cancellationToken)
    {
        if (!await clock.IsSteady(cancellationToken))
            return;

        // Each batch is a transaction of its own, so that nobody waits long for its locks.
        while (await store.ForgetHandled(
            settings.Inbox.Window, settings.Inbox.CleanupBatch, cancellationToken) == settings.Inbox.CleanupBatch)
            await Task.Yield();
    }

    async Task Measure(CancellationToken cancellationToken)
    {
        if (reporter.IsReporting)
            metrics.Measured(await store.Measure(cancellationToken));
    }

    void Failed(Exception exception)
    {
        if (!outage.Tells(exception))
            NotDone(exception);
    }

    [LoggerMessage(12, LogLevel.Warning, "The outbox or inbox could not be looked after; it is tried again")]
    partial void NotDone(Exception exception);
}
