namespace Maestro.Bus.Riders.Kafka;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Kafka: {Reason}")]
    public static partial void Error(ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Debug, "Kafka: {Message}")]
    public static partial void Client(ILogger logger, string message);

    [LoggerMessage(3, LogLevel.Information,
        "The Kafka broker does not create topics by request; they are created as it is set up to, when they are first asked for")]
    public static partial void NoTopicCreation(ILogger logger);

    [LoggerMessage(5, LogLevel.Error, "Kafka does not create the topic {Topic}: {Reason} Create it by hand, or correct Bus:Kafka:Topics")]
    public static partial void TopicRefused(ILogger logger, string topic, string reason);

    [LoggerMessage(6, LogLevel.Warning,
        "The topic {Topic} takes less at once than is written at a time; its records are written one by one from now on. Use a "
            + "Bus:Kafka:Producer:BatchSize below its max.message.bytes")]
    public static partial void Narrow(ILogger logger, string topic);

    [LoggerMessage(7, LogLevel.Warning,
        "{Count} records of {Topic}/{Partition} are gone that the group {Group} has not handled: it goes on at {Offset}, the first that "
            + "is there")]
    public static partial void Missing(ILogger logger, long count, string topic, int partition, string group, long offset);

    [LoggerMessage(8, LogLevel.Warning,
        "{Topic} is not the topic that the group {Group} has read: it was deleted and made again. It is read from its beginning")]
    public static partial void Remade(ILogger logger, string topic, string group);

    [LoggerMessage(9, LogLevel.Debug, "The broker has not told about the topics of the group {Group}")]
    public static partial void NotTold(ILogger logger, Exception exception, string group);

    [LoggerMessage(10, LogLevel.Debug, "{Topic}/{Partition}@{Offset} is not acknowledged: its partition has gone to another member")]
    public static partial void NotAcknowledged(ILogger logger, Exception? exception, string topic, int partition, long offset);

    [LoggerMessage(11, LogLevel.Warning, "{Topic} {Problem}")]
    public static partial void TopicProblem(ILogger logger, string topic, string problem);

    [LoggerMessage(12, LogLevel.Warning,
        "The topic {Topic} has {Actual} partitions, and is to have {Wanted}; it stays as it is. Add partitions by hand, or correct "
            + "Bus:Kafka:Topics:Partitions")]
    public static partial void OtherPartitions(ILogger logger, string topic, int actual, int wanted);

    [LoggerMessage(13, LogLevel.Warning, "The topic {Topic} takes the failures of {Origin} and keeps too little: {Lacks}. Set it by hand")]
    public static partial void KeepsTooLittle(ILogger logger, string topic, string origin, string lacks);

    [LoggerMessage(
        4, LogLevel.Warning,
        "Offsets of the group {Group} could not be committed: {Reason}. The records since the last commit are read again by the "
        + "partition's "
        + "next member. {Untold} more were not committed since the last line")]
    public static partial void NotCommitted(ILogger logger, string group, string reason, int untold);

    [LoggerMessage(14, LogLevel.Debug, "Offsets of the group {Group} could not be committed")]
    public static partial void NotCommittedEither(ILogger logger, Exception exception, string group);
}
