namespace MaestroBus.Analytics;

public sealed partial class ForgetCountedMessagesConsumer(AnalyticsDbContext database, AnalyticsSettings settings, TimeProvider clock, ILogger<ForgetCountedMessagesConsumer> logger)
    : IConsumer<ForgetCountedMessages>
{
    public async Task Consume(ConsumeContext<ForgetCountedMessages> context)
    {
        var old = clock.GetUtcNow().UtcDateTime - settings.MessageIdRetention;
        LogForgotten(await database.Counted.Where(message => message.CountedAt < old).ExecuteDeleteAsync(context.CancellationToken));
    }

    [LoggerMessage(1, LogLevel.Information, "{Count} ids of counted messages are forgotten")]
    partial void LogForgotten(int count);
}
