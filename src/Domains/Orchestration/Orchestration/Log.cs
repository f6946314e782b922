namespace MaestroBus.Orchestration;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "No flow is mapped to {EventType} of {Provider}: the webhook {WebhookId} starts none.")]
    public static partial void NoFlow(ILogger logger, string eventType, string provider, string webhookId);

    [LoggerMessage(
        2, LogLevel.Warning,
        "{Count} flows have waited for longer than {SilentAfter}. The oldest is {FlowId}, whose step {Step} has been silent since "
        + "{Since:u}. See whether what its step needs is away, or a queue is paused; a flow fails after {FailAfter}")]
    public static partial void Silent(
        ILogger logger, int count, TimeSpan silentAfter, Guid flowId, string? step, DateTimeOffset since, TimeSpan failAfter);

    [LoggerMessage(3, LogLevel.Information, "No flow has waited for long any more")]
    public static partial void NoneSilent(ILogger logger);

    [LoggerMessage(5, LogLevel.Information, "Another host looks for flows that wait when it finds that this one shows no life")]
    public static partial void NotReleased(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The flows that wait could not be looked through; it is tried again")]
    public static partial void NotLooked(ILogger logger, Exception exception);
}
