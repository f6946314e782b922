using System.Globalization;

namespace Maestro.Bus.Riders;

/// <summary>Makes a dead letter for the bus's database of a record in a dead-letter topic.</summary>
static class RecordDeadLetter
{
    /// <summary>The property that a record's key is kept in.</summary>
    public const string Key = "RecordKey";

    /// <summary>The property that all headers are kept in, in their order: names may be repeated, and values missing.</summary>
    public const string AllHeaders = "RecordHeaders";

    const string Json = "application/json";

    public static DeadLetter Of(StreamRecord record, string scheme)
    {
        var headers = record.Headers;
        var topic = headers.Get(StreamHeaders.Topic) ?? record.Partition.Topic;
        var ids = new RecordHeaderProvider(record, RecordContent.Of(record));
        var types = headers.Get(MessageHeaders.MessageType)?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [];

        return new DeadLetter
        {
            // A topic that is created anew begins with its offsets anew, too.
            Key =
                $"{scheme}:{topic}/{headers.Get(StreamHeaders.Partition)}@{headers.Get(StreamHeaders.Offset)}/{headers.Get(
                    StreamHeaders.Timestamp)}:{headers.Get(StreamHeaders.Group)}",
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
                Id(ids, MessageHeaders.CorrelationId), Id(ids, MessageHeaders.ConversationId), Id(ids, MessageHeaders.RequestId),
                Id(ids, MessageHeaders.InitiatorId),
                Address(headers, MessageHeaders.SourceAddress), Address(headers, MessageHeaders.ResponseAddress),
                Address(headers, MessageHeaders.FaultAddress), types),
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

    // What is shown and can be filtered and edited: of a name that is repeated, all values.
    static Dictionary<string, object?> Headers(StreamRecord record)
    {
        var headers = record.Headers
            .Where(header => !StreamHeaders.AreOfMessage(header.Key))
            .GroupBy(header => header.Key, header => Value(header.Value), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(
                header => header.Key, header => header.ToList() is [var value] ? value : header.ToList(), StringComparer.OrdinalIgnoreCase);

        if (record.Key is not null)
            headers[StreamHeaders.Key] = WireText.OrBytes(record.Key);
        return headers;
    }

    static Dictionary<string, object?> Properties(StreamRecord record)
    {
        var properties = new Dictionary<string, object?>
        {
            [AllHeaders] = record.Headers.Select(header => new List<object?> { header.Key, Value(header.Value) }).ToList(),
        };
        if (record.Key is not null)
            properties[Key] = record.Key;
        if (record.Headers.Get(StreamHeaders.Partition) is { } partition)
            properties[nameof(StreamSendContext<object>.Partition)] = partition;
        if (record.Value is null)
            properties[nameof(StreamSendContext<object>.IsTombstone)] = true;
        return properties;
    }

    /// <summary>
    /// The headers of a record that goes back to its topic, as they came; those that tell of its failure and where it has been are off.
    /// </summary>
    /// <param name="received">What it had.</param>
    /// <param name="headers">The headers that it is to have now: a person may have changed some.</param>
    /// <param name="messageId">The id that it is known by.</param>
    public static RecordHeaders SentAgain(ReceivedContent received, SendHeaders headers, Guid? messageId)
    {
        var sent = new RecordHeaders();
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var all = (received.Properties[AllHeaders] as IEnumerable<object?> ?? []).OfType<IList<object?>>().ToList();
        var came = all.Where(header => header is [string, _])
            .ToLookup(header => (string)header[0]!, header => RecordText.Of(header[1]), StringComparer.OrdinalIgnoreCase);

        foreach (var header in all)
        {
            if (header is not [string name, var value] || DeadLetterHeaders.IsOfFailure(name) || StreamHeaders.AreOfRecord(name))
                continue;

            var isFirst = known.Add(name);
            if (StreamHeaders.AreOfMessage(name) || IsUnchanged(received, name, came[name]))
                sent.Add(name, RecordText.Of(value));
            else if (isFirst && headers.TryGetHeader(name, out var changed))
                sent.Add(name, RecordText.Of(changed));
        }

        foreach (var (name, value) in headers.GetAll())
        {
            if (value is not null && !known.Contains(name) && !(StreamHeaders.AreOfRecord(name) && name != StreamHeaders.For))
                sent.Add(name, RecordText.Of(value));
        }

        // The id that an inbox knows it by: of a record without one, it was made of a place that it has no more.
        if (messageId is { } id
            && (headers.TryGetHeader(DeadLetterHeaders.Original, out _) || sent.GetBytes(MessageHeaders.MessageId) is null))
            sent.Set(MessageHeaders.MessageId, $"{id}");

        return sent;
    }

    // Whether nobody has changed a header since it came.
    static bool IsUnchanged(ReceivedContent received, string name, IEnumerable<byte[]?> came) =>
        received.Headers.TryGetValue(name, out var now)
        && (now is IList<object?> values ? values.Select(RecordText.Of) : [RecordText.Of(now)])
            .SequenceEqual(came, EqualityComparer<byte[]?>.Create((one, other) =>
                one is null || other is null ? one == other : one.AsSpan().SequenceEqual(other)));

    static object? Value(byte[]? value) => value is null ? null : WireText.OrBytes(value);

    static Guid? Id(RecordHeaderProvider headers, string name) =>
        headers.TryGetHeader(name, out var value) && Guid.TryParse($"{value}", out var id) ? id : null;

    static Uri? Address(RecordHeaders headers, string name) =>
        Uri.TryCreate(headers.Get(name), UriKind.Absolute, out var address) ? address : null;
}
