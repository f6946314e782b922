using System.Globalization;
using System.Text;

namespace MaestroBus.Riders;

/// <summary>Makes a dead letter for the bus's database of a record in a dead-letter topic.</summary>
static class RecordDeadLetter
{
    /// <summary>The property that a record's key is kept in.</summary>
    public const string Key = "RecordKey";

    const string Json = "application/json";

    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static DeadLetter Of(StreamRecord record, string scheme)
    {
        var headers = record.Headers;
        var topic = headers.Get(StreamHeaders.Topic) ?? record.Partition.Topic;
        var ids = new RecordHeaderProvider(record, RecordContent.Of(record));
        var types = headers.Get(MessageHeaders.MessageType)?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [];

        return new DeadLetter
        {
            // A topic that is created anew begins with its offsets anew, too.
            Key = $"{scheme}:{topic}/{headers.Get(StreamHeaders.Partition)}@{headers.Get(StreamHeaders.Offset)}/{headers.Get(StreamHeaders.Timestamp)}:{headers.Get(StreamHeaders.Group)}",
            Queue = topic,
            Address = TopicNames.Address(scheme, topic),
            MessageId = Id(ids, MessageHeaders.MessageId),
            MessageType = types.FirstOrDefault() ?? headers.Get(MessageHeaders.FaultMessageType) ?? headers.Get("ce_type"),
            Reason = headers.Get(MessageHeaders.Reason) ?? DeadLetterReason.Fault,
            ExceptionType = headers.Get(MessageHeaders.FaultExceptionType),
            ExceptionMessage = headers.Get(MessageHeaders.FaultMessage),
            Detail = FaultDetail.Unpack(headers.Get(DeadLetterHeaders.Detail)) ?? headers.Get(MessageHeaders.FaultStackTrace),
            Attempts = int.TryParse(headers.Get(FailureHeaders.Attempts), CultureInfo.InvariantCulture, out var attempts) ? attempts : 1,
            FirstFailedAt = FailureHeaders.Time(headers.Get(FailureHeaders.FirstFailure)),
            FailedAt = FailureHeaders.Time(headers.Get(MessageHeaders.FaultTimestamp)) ?? record.Timestamp,
            Tenant = ids.TryGetHeader(TenantHeader.Name, out var tenant) ? $"{tenant}" : null,
            ContentType = Media(headers.Get(MessageHeaders.ContentType)),
            Headers = Headers(record),
            Properties = Properties(record),
            Ids = new DeadLetterIds(
                Id(ids, MessageHeaders.CorrelationId), Id(ids, MessageHeaders.ConversationId), Id(ids, MessageHeaders.RequestId), Id(ids, MessageHeaders.InitiatorId),
                Address(headers, MessageHeaders.SourceAddress), Address(headers, MessageHeaders.ResponseAddress), Address(headers, MessageHeaders.FaultAddress), types),
            Body = record.Value ?? [],
        };
    }

    static string Media(string? contentType)
    {
        try
        {
            return new System.Net.Mime.ContentType(contentType ?? Json).ToString();
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            // Foreign programs may write what they like.
            return Json;
        }
    }

    static Dictionary<string, object> Headers(StreamRecord record)
    {
        var headers = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in record.Headers)
            if (!StreamHeaders.AreOfMessage(name))
                headers[name] = TextOrBytes(value);

        if (record.Key is not null)
            headers[StreamHeaders.Key] = TextOrBytes(record.Key);
        return headers;
    }

    static Dictionary<string, object> Properties(StreamRecord record)
    {
        var properties = new Dictionary<string, object>();
        if (record.Key is not null)
            properties[Key] = record.Key;
        if (record.Headers.Get(StreamHeaders.Partition) is { } partition)
            properties[nameof(StreamSendContext<object>.Partition)] = partition;
        return properties;
    }

    static object TextOrBytes(byte[] value)
    {
        try
        {
            return Strict.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            // Foreign programs may write what they like.
            return value;
        }
    }

    static Guid? Id(RecordHeaderProvider headers, string name) => headers.TryGetHeader(name, out var value) && Guid.TryParse($"{value}", out var id) ? id : null;

    static Uri? Address(RecordHeaders headers, string name) => Uri.TryCreate(headers.Get(name), UriKind.Absolute, out var address) ? address : null;
}
