namespace MaestroBus.Analytics;

public sealed partial class ForgetCountedMessagesConsumer(
    AnalyticsDbContext database, AnalyticsSettings settings, SteadyClock steady, TimeProvider clock,
    ILogger<ForgetCountedMessagesConsumer> logger) :
    IConsumer<ForgetCountedMessages>
{
    public async Task Consume(ConsumeContext<ForgetCountedMessages> context)
    {
        // The next one comes in an hour.
        if (!await steady.IsSteady(context.CancellationToken))
            return;

        var old = clock.GetUtcNow().UtcDateTime - settings.MessageIdRetention;
        LogForgotten(await database.Counted.Where(message => message.CountedAt < old).ExecuteDeleteAsync(context.CancellationToken));
    }

    [LoggerMessage(1, LogLevel.Information, "{Count} ids of counted messages are forgotten")]
    partial void LogForgotten(int count);
}
