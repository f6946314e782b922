using System.Net.Mime;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Keeps everything that RabbitMQ delivers beside a message's body, and gives it back when the message is sent again: from the dead
/// letters, or for another attempt. MassTransit reads headers as texts and leaves out what it does not know.
/// </summary>
static class AmqpContent
{
    const string Prefix = "RMQ-";
    const string RoutingKey = $"{Prefix}RoutingKey";
    const string ContentTypeName = $"{Prefix}ContentType";
    const string ContentEncoding = $"{Prefix}ContentEncoding";
    const string DeliveryMode = $"{Prefix}DeliveryMode";
    const string Priority = $"{Prefix}Priority";
    const string CorrelationId = $"{Prefix}CorrelationId";
    const string ReplyTo = $"{Prefix}ReplyTo";
    const string MessageId = $"{Prefix}MessageId";
    const string Timestamp = $"{Prefix}Timestamp";
    const string TypeName = $"{Prefix}Type";
    const string AppId = $"{Prefix}AppId";

    const string CopyTo = "CC";
    const string Deaths = "x-death";

    // RabbitMQ's .NET client numbers what it publishes, so that it knows what is returned.
    const string ClientNumber = "x-dotnet-pub-seq-no";

    // What a broker checks, obeys or has written: sent again, the message would be refused, dropped, or delivered elsewhere, too.
    const string KeptUser = $"{DeadLetterHeaders.Received}UserId";
    const string KeptCopyTo = $"{DeadLetterHeaders.Received}{CopyTo}";

    /// <summary>The header that a dead letter keeps its expiration in.</summary>
    public const string KeptExpiration = $"{DeadLetterHeaders.Received}Expiration";

    /// <summary>What a message is delivered with.</summary>
    public static ReceivedContent Of(RabbitMqBasicConsumeContext delivery)
    {
        var properties = delivery.Properties;
        var headers = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in properties.Headers ?? new Dictionary<string, object?>())
        {
            if (name != ClientNumber)
                headers[name == CopyTo ? KeptCopyTo : name] = AmqpValue.Of(value);
        }

        if (properties.IsUserIdPresent())
            headers[KeptUser] = properties.UserId;
        if (properties.IsExpirationPresent())
            headers[KeptExpiration] = properties.Expiration;

        var content = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        // The default exchange's is the queue's name.
        Add(RoutingKey, !string.IsNullOrEmpty(delivery.Exchange) && !string.IsNullOrEmpty(delivery.RoutingKey), delivery.RoutingKey);
        content[ContentTypeName] = properties.IsContentTypePresent() ? properties.ContentType : null;
        Add(ContentEncoding, properties.IsContentEncodingPresent(), properties.ContentEncoding);
        Add(DeliveryMode, properties.IsDeliveryModePresent(), (byte)properties.DeliveryMode);
        Add(Priority, properties.IsPriorityPresent(), properties.Priority);
        Add(CorrelationId, properties.IsCorrelationIdPresent(), properties.CorrelationId);
        Add(ReplyTo, properties.IsReplyToPresent(), properties.ReplyTo);
        Add(MessageId, properties.IsMessageIdPresent(), properties.MessageId);
        Add(Timestamp, properties.IsTimestampPresent(), new WireTimestamp(properties.Timestamp.UnixTime));
        Add(TypeName, properties.IsTypePresent(), properties.Type);
        Add(AppId, properties.IsAppIdPresent(), properties.AppId);
        return new ReceivedContent(headers, content);

        void Add(string name, bool isPresent, object? value)
        {
            if (isPresent)
                content[name] = value;
        }
    }

    /// <summary>What a message in work is delivered with, as a copy of it has it whose body is written anew.</summary>
    public static ReceivedContent OfCopy(RabbitMqBasicConsumeContext delivery, ReceiveContext context)
    {
        var content = Of(delivery);
        return content with
        {
            Properties = new Dictionary<string, object?>(content.Properties, StringComparer.OrdinalIgnoreCase)
            {
                [ContentTypeName] = BodyText.ContentTypeOfCopy(content.Properties[ContentTypeName] as string, context),
            },
        };
    }

    /// <summary>
    /// What a message in the dead letters of a queue is delivered with; the routing key is that with which it came to the queue.
    /// </summary>
    public static ReceivedContent Of(RabbitMqBasicConsumeContext delivery, string queue)
    {
        var content = Of(delivery);
        var properties = new Dictionary<string, object?>(content.Properties, StringComparer.OrdinalIgnoreCase);

        // The broker has moved it here.
        if (delivery.RoutingKey == DeadLetterQueues.Of(queue))
        {
            properties.Remove(RoutingKey);
            if (content.Headers.GetValueOrDefault(Deaths) is List<object?> and [Dictionary<string, object?> death, ..]
                && death.GetValueOrDefault("queue") as string == queue
                && death.GetValueOrDefault("routing-keys") is List<object?> and [string { Length: > 0 } key, ..])
                properties[RoutingKey] = key;
        }

        // The default exchange has led it to the queue by the queue's name.
        if (properties.GetValueOrDefault(RoutingKey) as string == queue)
            properties.Remove(RoutingKey);

        return content with { Properties = properties };
    }

    /// <summary>Gives a message that is sent again what it was delivered with.</summary>
    public static void GiveBack(SendContext context, RabbitMqSendContext rabbit, ReceivedContent received)
    {
        var sent = rabbit.BasicProperties;
        sent.Headers ??= new Dictionary<string, object?>();
        foreach (var (name, value) in received.Headers)
        {
            if (IsGivenBack(name))
                sent.Headers[name] = AmqpValue.ToAmqp(value);
        }

        // What has come from elsewhere has none of these.
        var properties = received.Properties;
        if (!properties.TryGetValue(ContentTypeName, out var contentType))
            return;

        // MassTransit takes the reply-to address of a message in work for the routing key of all that is sent meanwhile.
        rabbit.RoutingKey = properties.GetValueOrDefault(RoutingKey) as string ?? "";
        sent.ClearUserId();
        sent.ClearExpiration();
        Set(ContentEncoding, text => sent.ContentEncoding = text, sent.ClearContentEncoding);
        Set(ReplyTo, text => sent.ReplyTo = text, sent.ClearReplyTo);
        Set(TypeName, text => sent.Type = text, sent.ClearType);
        Set(AppId, text => sent.AppId = text, sent.ClearAppId);
        if (properties.GetValueOrDefault(Priority) is byte priority)
            sent.Priority = priority;
        else
            sent.ClearPriority();
        if (properties.GetValueOrDefault(Timestamp) is WireTimestamp timestamp)
            sent.Timestamp = new AmqpTimestamp(timestamp.Value);
        context.Durable = properties.GetValueOrDefault(DeliveryMode) is not (byte)DeliveryModes.Transient;
        context.ContentType = new SentContentType(contentType as string, context.ContentType);

        // MassTransit writes an id as it writes all of them. An edited copy has one of its own.
        if (properties.GetValueOrDefault(CorrelationId) is string correlation && correlation != $"{context.CorrelationId}")
        {
            context.CorrelationId = null;
            sent.CorrelationId = correlation;
        }

        if (properties.GetValueOrDefault(MessageId) is string id && id != $"{context.MessageId}"
            && !received.Headers.ContainsKey(DeadLetterHeaders.Original))
        {
            context.MessageId = null;
            sent.MessageId = id;
        }

        void Set(string name, Action<string> set, Action clear)
        {
            if (properties.GetValueOrDefault(name) is string text)
                set(text);
            else
                clear();
        }
    }

    /// <summary>
    /// Keeps the properties of a message on its way to the dead letters that the broker would check or obey there: a message whose time is
    /// over would be dropped.
    /// </summary>
    public static void Keep(BasicProperties properties)
    {
        if (properties.Headers is not { } headers || !headers.ContainsKey(DeadLetterHeaders.Id))
            return;

        if (properties.IsUserIdPresent())
            headers[KeptUser] = properties.UserId;
        properties.ClearUserId();
        if (properties.IsExpirationPresent())
            headers[KeptExpiration] = properties.Expiration;
        properties.ClearExpiration();
        if (headers.Remove(CopyTo, out var copies))
            headers[KeptCopyTo] = copies;
    }

    // The broker counts deaths in a header of its own, and drops a message that it takes for one that goes in circles. A trace goes on
    // with the new sending.
    static bool IsGivenBack(string name) =>
        name.StartsWith(DeadLetterHeaders.Received, StringComparison.Ordinal)
        || !(DeadLetterHeaders.IsOfFailure(name) || name.StartsWith("MT-Activity-", StringComparison.Ordinal));

    /// <summary>A content type that is written as it was received, or not at all.</summary>
    sealed class SentContentType(string? received, ContentType? known) : ContentType(known?.ToString() ?? "application/octet-stream")
    {
        public override string ToString() => received!;
    }
}
