namespace MaestroBus.Persistence;

/// <summary>Forgets handled messages after their time, and measures the backlog.</summary>
sealed partial class OutboxHousekeeping(
    IOutboxStore store, OutboxMetrics metrics, DatabaseSettings settings, DatabaseOutage outage, SteadyClock clock, TimeProvider time,
    ILogger<OutboxHousekeeping> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Every(settings.Inbox.CleanupInterval, ForgetHandled, stoppingToken),
        Every(settings.Outbox.MeasureInterval, Measure, stoppingToken));

    async Task ForgetHandled(CancellationToken cancellationToken)
    {
        if (!await clock.IsSteady(cancellationToken))
            return;

        // Each batch is a transaction of its own, so that nobody waits long for its locks.
        while (await store.ForgetHandled(settings.Inbox.Window, settings.Inbox.CleanupBatch, cancellationToken) == settings.Inbox.CleanupBatch)
            await Task.Yield();
    }

    async Task Measure(CancellationToken cancellationToken) => metrics.Measured(await store.Measure(cancellationToken));

    async Task Every(TimeSpan interval, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);

        try
        {
            do
            {
                try
                {
                    await run(cancellationToken);
                }
                catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
                {
                    if (!outage.Tells(exception))
                        NotDone(exception);
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    [LoggerMessage(12, LogLevel.Warning, "The outbox or inbox could not be looked after; it is tried again")]
    partial void NotDone(Exception exception);
}
