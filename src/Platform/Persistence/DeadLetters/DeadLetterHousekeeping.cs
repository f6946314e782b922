namespace Maestro.Bus.Persistence;

/// <summary>Deletes dead letters after their time.</summary>
sealed partial class DeadLetterHousekeeping(
    DeadLetterDatabase database, DeadLetterSettings settings, DatabaseOutage outage, SteadyClock clock, TimeProvider time,
    ILogger<DeadLetterHousekeeping> logger) : BackgroundService
{
    const int BatchSize = 1_000;

    static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Deletes what is older than the retention.</summary>
    /// <returns>How many dead letters.</returns>
    public async Task<int> Purge(CancellationToken cancellationToken)
    {
        var before = (time.GetUtcNow() - settings.Retention).ToUnixTimeMilliseconds();
        var purged = 0;

        // Each batch is a transaction of its own, so that nobody waits long for it.
        for (var count = BatchSize; count == BatchSize; purged += count)
            count = await database.Write(
                (connection, transaction) => DatabaseCommands.Execute(
                    connection, transaction,
                    $"DELETE FROM dead_letter WHERE id IN (SELECT id FROM dead_letter WHERE failed < @before ORDER BY failed LIMIT "
                        + $"{BatchSize})", cancellationToken,
                    ("before", before)),
                cancellationToken);

        await database.Write(
            async (connection, transaction) =>
                await DatabaseCommands.Execute(connection, transaction, "DELETE FROM dead_letter_group WHERE last_stored < @before",
                    cancellationToken, ("before", before))
                + await DatabaseCommands.Execute(
                    connection, transaction, "DELETE FROM dead_letter_operation WHERE state = 'done' AND updated < @before",
                    cancellationToken, ("before", before)),
            cancellationToken);
        return purged;
    }

    // Not at once: a clock that is wrong at the start has not been seen to jump.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Periodic.RunLater(Interval, time, PurgeIfSteady, Failed, stoppingToken);

    async Task PurgeIfSteady(CancellationToken cancellationToken)
    {
        if (await clock.IsSteady(cancellationToken) && await Purge(cancellationToken) is > 0 and var count)
            Purged(count, settings.Retention);
    }

    void Failed(Exception exception)
    {
        if (!outage.Tells(exception))
            NotPurged(exception);
    }

    [LoggerMessage(23, LogLevel.Information, "{Count} dead letters were older than {Retention} and are deleted")]
    partial void Purged(int count, TimeSpan retention);

    [LoggerMessage(24, LogLevel.Warning, "Old dead letters could not be deleted; it is tried again")]
    partial void NotPurged(Exception exception);
}
