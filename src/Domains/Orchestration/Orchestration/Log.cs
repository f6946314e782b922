namespace MaestroBus.Orchestration;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "No flow is mapped to {EventType} of {Provider}: the webhook {WebhookId} starts none.")]
    public static partial void NoFlow(ILogger logger, string eventType, string provider, string webhookId);
}
