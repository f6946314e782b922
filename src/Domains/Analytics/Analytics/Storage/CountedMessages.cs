using Microsoft.Extensions.Hosting;

namespace MaestroBus.Analytics;

/// <summary>Forgets old message ids, an hour's worth at a time.</summary>
sealed partial class CountedMessages(IServiceScopeFactory scopes, AnalyticsSettings settings, TimeProvider clock, ILogger<CountedMessages> logger) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Forgets the ids that are old enough.</summary>
    public static Task<int> Forget(AnalyticsDbContext database, AnalyticsSettings settings, TimeProvider clock, CancellationToken cancellationToken)
    {
        var old = clock.GetUtcNow().UtcDateTime - settings.MessageIdRetention;
        return database.Counted.Where(message => message.CountedAt < old).ExecuteDeleteAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);

        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await Forget(scope.ServiceProvider.GetRequiredService<AnalyticsDbContext>(), settings, clock, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotForgotten(exception);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Old message ids could not be removed; the next attempt is in an hour.")]
    partial void LogNotForgotten(Exception exception);
}
