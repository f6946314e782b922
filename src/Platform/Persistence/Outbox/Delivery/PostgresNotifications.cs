using System.Globalization;
using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>
/// LISTEN and NOTIFY. The writing transactions do not notify themselves: PostgreSQL lets only one transaction with a notification commit at
/// a time, so that every commit would wait for the others' disk writes. One statement tells of all that have been committed since the last
/// one.
/// </summary>
sealed partial class PostgresNotifications(
    NpgsqlDataSource database, OutboxSignals signals, DatabaseOutage outage, ILogger<PostgresNotifications> logger) : IOutboxNotifications
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task Tell(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var partitions = await signals.TakeForOthers(cancellationToken);
                await using var command = database.CreateCommand($"SELECT pg_notify('{PostgresOutboxSchema.Channel}', $1)");
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = string.Join(';', partitions) });
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // The others look through the table before long.
                if (!outage.Tells(exception))
                    NotTold(exception);
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public async Task Listen(Action<short> heard, Action missed, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                connection.Notification += (_, notification) => Hear(notification.Payload, heard);
                await using (var command = new NpgsqlCommand($"LISTEN {PostgresOutboxSchema.Channel}", connection))
                    await command.ExecuteNonQueryAsync(cancellationToken);

                missed();
                while (true)
                    await connection.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!outage.Tells(exception))
                    NotListening(exception);
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    static void Hear(string payload, Action<short> heard)
    {
        foreach (var part in payload.Split(';', StringSplitOptions.RemoveEmptyEntries))
            heard(short.Parse(part, CultureInfo.InvariantCulture));
    }

    [LoggerMessage(8, LogLevel.Warning, "Other hosts could not be told of messages in the outbox; they find them by polling")]
    partial void NotTold(Exception exception);

    [LoggerMessage(
        9, LogLevel.Warning, "The outbox does not hear of other hosts' messages and finds them by polling, until it is connected again")]
    partial void NotListening(Exception exception);
}
