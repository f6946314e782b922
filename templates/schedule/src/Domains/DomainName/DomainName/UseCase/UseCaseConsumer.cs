namespace BusRoot.DomainName;

public sealed partial class UseCaseConsumer(TimeProvider clock, ILogger<UseCaseConsumer> logger) : IConsumer<UseCase>
{
    public Task Consume(ConsumeContext<UseCase> context)
    {
        LogRun(ScheduleHeaders.ScheduledAtOf(context) ?? clock.GetUtcNow());
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "UseCase runs for {Time}.")]
    partial void LogRun(DateTimeOffset time);
}
