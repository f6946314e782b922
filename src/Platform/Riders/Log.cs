namespace Maestro.Bus.Riders;

static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "The group {Group} has got {Count} partitions")]
    public static partial void Assigned(ILogger logger, string group, int count);

    [LoggerMessage(2, LogLevel.Debug, "The consumer of the group {Group} has broken; a new one begins in {Seconds} s")]
    public static partial void ConsumerBroken(ILogger logger, Exception exception, string group, double seconds);

    [LoggerMessage(
        15, LogLevel.Warning, "The consumer of the group {Group} has broken: {Reason}. Others take its place until one reads on")]
    public static partial void ConsumersBreak(ILogger logger, string group, string reason);

    [LoggerMessage(16, LogLevel.Warning, "The consumers of the group {Group} have broken for {Duration}: {Reason}")]
    public static partial void ConsumersStillBreak(ILogger logger, string group, TimeSpan duration, string reason);

    [LoggerMessage(17, LogLevel.Information, "The group {Group} is read on, after {Duration} in which its consumers broke")]
    public static partial void ConsumerReads(ILogger logger, string group, TimeSpan duration);

    [LoggerMessage(
        18, LogLevel.Warning,
        "The group {Group} has got nothing of {Topics} for a minute, although {Unread} records are to be read in the {Count} partitions "
        + "that this process has. If it does not go on, restart this process")]
    public static partial void Silent(ILogger logger, string group, string topics, long unread, int count);

    [LoggerMessage(
        3, LogLevel.Warning, "The group {Group} could not be left in good order; its other members wait until the broker misses this one")]
    public static partial void GroupNotLeft(ILogger logger, Exception exception, string group);

    [LoggerMessage(4, LogLevel.Warning,
        "{Topic}/{Partition}@{Offset} could not be worked on nor put aside; it is tried again in {Seconds} s, and the records of its "
            + "key wait")]
    public static partial void NotHandled(ILogger logger, Exception exception, string topic, int partition, long offset, double seconds);

    [LoggerMessage(5, LogLevel.Debug, "A transaction of the group {Group} was given up; its records are worked on again in {Seconds} s")]
    public static partial void TransactionAborted(ILogger logger, Exception? exception, string group, double seconds);

    [LoggerMessage(
        11, LogLevel.Debug, "The group {Group} cannot begin a transaction; it tries again in {Seconds} s, and its records wait")]
    public static partial void TransactionNotBegun(ILogger logger, Exception exception, string group, double seconds);

    [LoggerMessage(12, LogLevel.Warning, "The records of the group {Group} wait: {Reason}. It tries again until it can work on them")]
    public static partial void TransactionsHeldUp(ILogger logger, string group, string reason);

    [LoggerMessage(13, LogLevel.Warning, "The records of the group {Group} have waited for {Duration}: {Reason}")]
    public static partial void TransactionsStillHeldUp(ILogger logger, string group, TimeSpan duration, string reason);

    [LoggerMessage(14, LogLevel.Information, "The records of the group {Group} wait no longer, after {Duration}")]
    public static partial void TransactionsGoOn(ILogger logger, string group, TimeSpan duration);

    [LoggerMessage(6, LogLevel.Warning, "The topics could not be created yet; the next attempt is in {Seconds} s")]
    public static partial void TopicsNotCreated(ILogger logger, Exception exception, double seconds);

    [LoggerMessage(8, LogLevel.Debug, "The broker does not answer; it is tried again until it does")]
    public static partial void BrokerAway(ILogger logger, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "{Count} dead letters of {Topic} could not be stored yet; they wait in the topic")]
    public static partial void DeadLettersNotKept(ILogger logger, Exception exception, int count, string topic);

    [LoggerMessage(9, LogLevel.Error,
        "{Topic}/{Partition}@{Offset} has failed and is too large for its dead letters: they tell of it without its bytes, which the topic "
            + "has for as long as it keeps them")]
    public static partial void DeadLetterCut(ILogger logger, Exception exception, string topic, string partition, string offset);

    [LoggerMessage(10, LogLevel.Debug, "What was written because of {Topic}/{Partition}@{Offset} did not come to its topic")]
    public static partial void ResultNotWritten(ILogger logger, Exception exception, string topic, int partition, long offset);
}
