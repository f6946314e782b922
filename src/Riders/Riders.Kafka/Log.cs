namespace MaestroBus.Riders.Kafka;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Kafka: {Reason}")]
    public static partial void Error(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Debug, "Kafka: {Message}")]
    public static partial void Client(ILogger logger, string message);

    [LoggerMessage(3, LogLevel.Information, "The Kafka broker does not create topics by request; they are created as it is set up to, when they are first asked for")]
    public static partial void NoTopicCreation(ILogger logger);

    [LoggerMessage(5, LogLevel.Error, "Kafka does not create the topic {Topic}: {Reason} Create it by hand, or correct Bus:Kafka:Topics")]
    public static partial void TopicRefused(ILogger logger, string topic, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Offsets could not be committed; the records since the last commit are read again by the partition's next member")]
    public static partial void NotCommitted(ILogger logger, Exception exception);
}
