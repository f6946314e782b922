using System.Globalization;

namespace Maestro.Bus.Riders;

/// <summary>
/// Writes what has failed for good to the dead letters of its topic: the bytes and headers as they are, where they come from, and why.
/// </summary>
sealed class DeadLetterTopicFilter : IFilter<ExceptionReceiveContext>
{
    // Brokers refuse records whose headers are too long.
    const int LongestText = 2_048;

    // What is left of a dead letter that is too large: where it comes from, what it is and why it failed.
    static readonly string[] Kept =
    [
        StreamHeaders.Topic, StreamHeaders.Partition, StreamHeaders.Offset, StreamHeaders.Timestamp, StreamHeaders.Group,
        MessageHeaders.Reason, MessageHeaders.FaultExceptionType,
        MessageHeaders.FaultTimestamp, FailureHeaders.Attempts, FailureHeaders.FirstFailure, MessageHeaders.MessageType,
        MessageHeaders.MessageId, TenantHeader.Name,
    ];

    public void Probe(ProbeContext context) => context.CreateFilterScope("deadLetterTopic");

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        // The broker does not take the retry, and the record is not to blame: it stays where it is.
        if (context.Exception is TransportException)
            throw context.Exception;

        var record = context.GetPayload<StreamRecord>();
        var endpoint = context.GetPayload<StreamEndpointContext>();
        var (rider, settings) = (endpoint.Rider, endpoint.Settings);

        var headers = Origin.AddTo(record, settings.Group);
        headers.Remove(StreamHeaders.Due);
        headers.Remove(StreamHeaders.Delayed);
        foreach (var (name, value) in context.ExceptionHeaders.GetAll())
        {
            if (value is not null)
                headers.Set(name, Text(name, value));
        }

        var cause = Cause(context.Exception);
        headers.Set(MessageHeaders.FaultMessage, Cut(cause.Message));

        var origin = headers.Get(StreamHeaders.Topic)!;
        var letter = new OutgoingRecord(TopicNames.DeadLetters(origin), record.Key, record.Value, headers);

        try
        {
            await rider.PutAside(letter, record).ConfigureAwait(false);
        }
        catch (MessageTooLargeException exception)
        {
            Log.DeadLetterCut(rider.Logger, exception, origin, headers.Get(StreamHeaders.Partition)!, headers.Get(StreamHeaders.Offset)!);
            await rider.PutAside(WithoutBytes(letter, cause), record, isWhole: false).ConfigureAwait(false);
        }

        rider.Metrics.DeadLettered(origin, cause is UnreadableRecordException);

        await next.Send(context).ConfigureAwait(false);
    }

    /// <summary>
    /// Tells of a record in place of its bytes: the topic that it comes from has them, and its group must not wait for it for ever.
    /// </summary>
    static OutgoingRecord WithoutBytes(OutgoingRecord letter, Exception cause)
    {
        var headers = new RecordHeaders();
        foreach (var name in Kept)
        {
            if (letter.Headers.Get(name) is { } text)
                headers.Add(name, Cut(text));
        }

        headers.Set(
            MessageHeaders.FaultMessage,
            Cut(
                $"The record is too large for its dead letters, and its bytes are only where it comes from, for as long as they are kept "
                + $"there: {headers.Get(StreamHeaders.Topic)}/"
                    + $"{headers.Get(StreamHeaders.Partition)}@{headers.Get(StreamHeaders.Offset)}. {cause.Message}"));

        return letter with { Key = letter.Key is { Length: <= LongestText } key ? key : null, Value = [], Headers = headers };
    }

    static Exception Cause(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is UnreadableRecordException)
                return cause;
        }

        return exception.GetBaseException();
    }

    // The packed exception is as long as there is room for, and of no use if it is cut.
    static string Text(string name, object value) =>
        Convert.ToString(value, CultureInfo.InvariantCulture)! is var text && name == DeadLetterHeaders.Detail ? text : Cut(text);

    static string Cut(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
