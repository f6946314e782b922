using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Maestro.Bus.Persistence;

/// <summary>Makes a dead letter of a message that a broker's dead-letter queue delivers, whichever broker it is.</summary>
static class CollectedLetter
{
    const string Deaths = "x-death";

    /// <summary>What an embedded broker numbers its deliveries with.</summary>
    const string DeliveryNumber = "MessageDeliveryId";

    public static DeadLetter Of(string queue, ReceiveContext context, BusTransport broker, DateTimeOffset now)
    {
        var transport = context.TransportHeaders;
        var content = broker.ContentOf(context, queue);
        var headers = content.Headers;
        var body = context.GetBody();
        var contentType = context.ContentType?.ToString();
        var types = MessageTypes(transport, body, contentType);
        var failures = FailureHeaders.FailuresOf(transport);
        var messageId = Id(transport, MessageHeaders.MessageId);
        var death = Death(headers, queue);
        var reason = Reason(headers, death);
        var failedAt = FailureHeaders.Time(Text(headers, MessageHeaders.FaultTimestamp));

        return new DeadLetter
        {
            Key = Key(queue, headers, death, transport, messageId, body),
            Queue = queue,
            Address = new Uri($"queue:{queue}"),
            MessageId = messageId,
            MessageType = Text(headers, MessageHeaders.FaultMessageType) is { Length: > 0 } type && types.Count == 0
                ? type
                : types.FirstOrDefault(),
            Reason = reason,
            ExceptionType = Text(headers, MessageHeaders.FaultExceptionType),
            ExceptionMessage = Text(headers, MessageHeaders.FaultMessage) ?? Sentence(reason),
            Detail = FaultDetail.Unpack(Text(headers, DeadLetterHeaders.Detail)) ?? Text(headers, MessageHeaders.FaultStackTrace),
            Attempts = failures.Attempts,
            FirstFailedAt = failures.FirstFailure,
            FailedAt = failedAt ?? FailureHeaders.Time(death is null ? null : Text(death["time"])) ?? now,
            Tenant = Text(headers, TenantHeader.Name),
            ContentType = contentType,
            Headers = headers,
            Properties = content.Properties,
            Ids = new DeadLetterIds(
                Id(transport, MessageHeaders.CorrelationId),
                Id(transport, MessageHeaders.ConversationId),
                Id(transport, MessageHeaders.RequestId),
                Id(transport, MessageHeaders.InitiatorId),
                Address(transport, MessageHeaders.SourceAddress),
                Address(transport, MessageHeaders.ResponseAddress),
                Address(transport, MessageHeaders.FaultAddress),
                types),
            Body = body,
        };
    }

    // The bus gives each dead letter an id. A broker that moves one by itself does not: what it tells apart its messages by stands in for
    // it.
    static string Key(
        string queue, IReadOnlyDictionary<string, object?> headers, IDictionary? death, Headers transport, Guid? messageId, byte[] body)
    {
        if (Text(headers, DeadLetterHeaders.Id) is { Length: > 0 and <= 64 } id)
            return $"{queue}:{id}";
        if (transport.TryGetHeader(DeliveryNumber, out var number))
            return $"{queue}:{number}:{messageId}";
        if (messageId is not { } known)
            return $"{queue}:{NewId.NextGuid():n}";

        var moment = death is null ? "" : Text(death["time"]) ?? "";
        return $"{queue}:{known:n}:{Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(moment), .. body]))}";
    }

    static string Reason(IReadOnlyDictionary<string, object?> headers, IDictionary? death)
    {
        var reason = Text(headers, MessageHeaders.Reason);
        if (reason is null)
            return death is null ? DeadLetterReason.Fault : ReasonOfBroker(Text(death["reason"]));

        // Only a broker that has given up on a message says so without an exception.
        return reason == DeadLetterReason.Fault && !headers.ContainsKey(MessageHeaders.FaultExceptionType)
            ? DeadLetterReason.DeliveryLimit
            : reason;
    }

    // RabbitMQ's own words.
    static string ReasonOfBroker(string? reason) => reason switch
    {
        "expired" => DeadLetterReason.Expired,
        "maxlen" => DeadLetterReason.QueueFull,
        "rejected" => DeadLetterReason.Rejected,
        _ => DeadLetterReason.DeliveryLimit,
    };

    /// <summary>What a broker that has moved a message by itself does not say.</summary>
    static string Sentence(string reason) => reason switch
    {
        DeadLetterReason.Expired => "The message's time was over.",
        DeadLetterReason.QueueFull => "The queue was longer than a policy of the broker allows.",
        DeadLetterReason.Rejected => "A program other than the bus has taken the message and rejected it.",
        DeadLetterReason.DeliveryLimit => "The broker has delivered the message too often without an end to it.",
        _ => "Nobody has said why.",
    };

    static IReadOnlyList<string> MessageTypes(Headers transport, byte[] body, string? contentType) =>
        transport.TryGetHeader(MessageHeaders.MessageType, out var types) && types.ToString() is { Length: > 0 } text
            ? text.Split(';', StringSplitOptions.RemoveEmptyEntries)
            : EnvelopeBody.MessageTypes(body, contentType);

    // The last queue that the broker has taken the message out of. A message that has waited for a retry has been taken out of others
    // before.
    static IDictionary? Death(IReadOnlyDictionary<string, object?> headers, string queue) =>
        headers.GetValueOrDefault(Deaths) is IList { Count: > 0 } deaths && deaths[0] is IDictionary death && Text(death["queue"]) == queue
            ? death
            : null;

    static string? Text(IReadOnlyDictionary<string, object?> headers, string name) => Text(headers.GetValueOrDefault(name));

    static string? Text(object? value) => value switch
    {
        null => null,
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        DateTime time => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        WireTimestamp time => time.ToString(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    static Guid? Id(Headers headers, string name) =>
        !headers.TryGetHeader(name, out var value)
            ? null
            : value is Guid id ? id : Guid.TryParse($"{value}", out var parsed) ? parsed : null;

    static Uri? Address(Headers headers, string name) =>
        headers.TryGetHeader(name, out var value) && Uri.TryCreate($"{value}", UriKind.Absolute, out var address) ? address : null;
}
