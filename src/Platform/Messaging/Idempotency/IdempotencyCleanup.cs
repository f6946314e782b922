namespace MaestroBus.Messaging;

/// <summary>Deletes results whose time is over.</summary>
sealed partial class IdempotencyCleanup(IIdempotencyStore store, IdempotencySettings settings, TimeProvider time, ILogger<IdempotencyCleanup> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.CleanupInterval, time);

        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await store.DeleteExpired(stoppingToken);
                }
                catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
                {
                    NotDone(exception);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    [LoggerMessage(43, LogLevel.Warning, "Old results of idempotent consumers could not be deleted; it is tried again")]
    partial void NotDone(Exception exception);
}
