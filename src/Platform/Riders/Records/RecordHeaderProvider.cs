using System.Globalization;
using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>
/// A record's headers as the pipeline asks for them. A record from a foreign program gets what it lacks: an id that is the same each time
/// it is read, and the trace that it belongs to.
/// </summary>
sealed class RecordHeaderProvider(StreamRecord record, RecordContent content) : IHeaderProvider
{
    const string CloudEventPrefix = "ce_";

    // Most records are no CloudEvents, and are asked for attributes all the same.
    readonly bool _isCloudEvent = content.Attributes.Count > 0 || record.Headers.Any(CloudEventPrefix);
    Guid? _messageId;

    /// <summary>The message's id: its own, or one that is the same each time the record is read.</summary>
    public Guid MessageId => _messageId ??= FindMessageId();

    public IEnumerable<KeyValuePair<string, object>> GetAll()
    {
        foreach (var (name, value) in record.Headers)
        {
            if (value is not null && Follows(name))
                yield return new(name, WireText.OrBytes(value));
        }

        if (TenantOfCloudEvent is { } tenant)
            yield return new(TenantHeader.Name, tenant);
    }

    public bool TryGetHeader(string key, out object value)
    {
        value = (object?)Find(key)!;
        return value is not null;
    }

    /// <summary>Whether a header is about what is sent because of the record, too.</summary>
    static bool Follows(string name) =>
        !name.StartsWith("MT-", StringComparison.Ordinal)
        && name is not (FailureHeaders.Attempts or FailureHeaders.FirstFailure or FailureHeaders.LastError)
        && !name.StartsWith(CloudEventPrefix, StringComparison.OrdinalIgnoreCase)
        && !name.Equals(MessageHeaders.ContentType, StringComparison.OrdinalIgnoreCase)
        && name is not (StreamHeaders.TraceParent or StreamHeaders.TraceState);

    string? TenantOfCloudEvent => record.Headers.Get(TenantHeader.Name) is null ? Attribute("tenantid") : null;

    object? Find(string key) => key switch
    {
        MessageHeaders.MessageId => MessageId.ToString(),
        MessageHeaders.CorrelationId => CorrelationId(record.Headers.Get(key) ?? Attribute("correlationid")),
        MessageHeaders.ContentType => content.ContentType,
        FailureHeaders.Attempts => int.TryParse(record.Headers.Get(key), CultureInfo.InvariantCulture, out var count) ? count : null,
        StreamHeaders.ActivityId => record.Headers.Get(key) ?? record.Headers.Get(StreamHeaders.TraceParent) ?? Attribute("traceparent"),
        TenantHeader.Name => record.Headers.Get(key) ?? Attribute("tenantid"),
        _ => record.Headers.Get(key),
    };

    string? Attribute(string name) =>
        _isCloudEvent ? content.Attributes.Get(CloudEventPrefix + name) ?? record.Headers.Get(CloudEventPrefix + name) : null;

    // A foreign program's need not be a GUID; what it calls alike belongs together all the same.
    static string? CorrelationId(string? text) =>
        string.IsNullOrEmpty(text) || Guid.TryParse(text, out _) ? text : DeterministicId.Of("foreign-correlation", text).ToString();

    Guid FindMessageId()
    {
        if (record.Headers.GetBytes(MessageHeaders.MessageId) is { } bytes && Guid.TryParse(bytes, out var own))
            return own;

        var id = record.Headers.Get(MessageHeaders.MessageId) ?? Attribute("id");
        if (Guid.TryParse(id, out own))
            return own;

        // What a foreign program calls its event tells it from others by the same source and of the same tenant; a record without a name
        // of any kind has its place.
        var origin = record.Headers.Get(StreamHeaders.Topic) is { } topic
            ? $"{topic}/{record.Headers.Get(StreamHeaders.Partition)}/{record.Headers.Get(StreamHeaders.Offset)}"
            : $"{record.Partition.Topic}/{record.Partition.Number}/{record.Offset}";
        return id is null
            ? DeterministicId.Of(origin)
            : DeterministicId.Of(
                "foreign-record", record.Headers.Get(TenantHeader.Name) ?? Attribute("tenantid") ?? "", Attribute("source") ?? "", id);
    }
}
