namespace BusRoot.DomainName;

public sealed partial class UseCaseConsumer(ILogger<UseCaseConsumer> logger) : IConsumer<UseCase>
{
    public Task Consume(ConsumeContext<UseCase> context)
    {
        LogHandled(context.Message.Id);
        return Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "UseCase {Id} is handled.")]
    partial void LogHandled(Guid id);
}
