using Npgsql;

namespace Maestro.Bus.Jobs;

/// <summary>
/// LISTEN and NOTIFY between the processes on a PostgreSQL database. On SQLite, and behind a pooler of transactions, they find what others
/// do by looking.
/// </summary>
sealed partial class JobNotifications(
    BusDatabase database, JobSignals signals, DatabaseOutage outage, ILogger<JobNotifications> logger) : BackgroundService
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        database is { DataSource: { } source, HasSharedSessions: false }
            ? Task.WhenAll(Repeat(Tell, source, stoppingToken), Repeat(Listen, source, stoppingToken))
            : Discard(stoppingToken);

    async Task Tell(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        while (true)
        {
            var announcement = await signals.TakeForOthers(cancellationToken);
            await using var command = source.CreateCommand($"SELECT pg_notify('{JobTables.Channel}', $1)");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = announcement });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    async Task Listen(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        connection.Notification += (_, notification) => signals.Hear(notification.Payload);
        await using (var command = new NpgsqlCommand($"LISTEN {JobTables.Channel}", connection))
            await command.ExecuteNonQueryAsync(cancellationToken);

        signals.Missed();
        while (true)
            await connection.WaitAsync(cancellationToken);
    }

    async Task Repeat(Func<NpgsqlDataSource, CancellationToken, Task> run, NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await run(source, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // All look through the tables before long.
                if (!outage.Tells(exception))
                    NotConnected(exception);
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Nobody is told, so that nothing is kept for telling.
    async Task Discard(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
                await signals.TakeForOthers(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Hosts do not hear of each other's jobs and find them by looking, until they are connected again")]
    partial void NotConnected(Exception exception);
}
