namespace Maestro.Bus.Messaging;

/// <summary>Deletes results whose time is over.</summary>
sealed partial class IdempotencyCleanup(
    IIdempotencyStore store, IdempotencySettings settings, Outages outages, TimeProvider time, ILogger<IdempotencyCleanup> logger)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Periodic.RunLater(settings.CleanupInterval, time, store.DeleteExpired, Failed, stoppingToken);

    void Failed(Exception exception)
    {
        if (!outages.TellOfDatabase(exception))
            NotDone(exception);
    }

    [LoggerMessage(43, LogLevel.Warning, "Old results of idempotent consumers could not be deleted; it is tried again")]
    partial void NotDone(Exception exception);
}
