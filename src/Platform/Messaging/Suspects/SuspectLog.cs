namespace Maestro.Bus.Messaging;

static partial class SuspectLog
{
    [LoggerMessage(70, LogLevel.Information,
        "A message of {Queue} was in work when a process ended ({Deaths} ended with it alone): message {MessageId} is handled alone")]
    public static partial void Alone(ILogger logger, string queue, int deaths, Guid? messageId);

    [LoggerMessage(72, LogLevel.Warning, "It cannot be noted that a message is handled alone")]
    public static partial void NotNoted(ILogger logger, Exception exception);

    [LoggerMessage(
        73, LogLevel.Warning, "Whether a message of {Queue} was in work when a process ended is not known: it is handled as usual")]
    public static partial void NotKnown(ILogger logger, Exception exception, string queue);
}
