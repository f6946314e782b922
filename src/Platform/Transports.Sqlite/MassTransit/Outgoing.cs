namespace Maestro.Bus.Transports.Sqlite;

/// <summary>Makes messages of MassTransit's send contexts. Runs on the sender's thread, to leave the writer's little to do.</summary>
static class Outgoing
{
    const short DefaultPriority = 100;

    public static Message Of<T>(SqlMessageSendContext<T> context)
        where T : class
    {
        var expiration = context.TimeToLive is { } timeToLive ? context.SentTime.GetValueOrDefault() + timeToLive : (DateTime?)null;

        return new Message
        {
            TransportMessageId = context.TransportMessageId,
            MessageId = context.MessageId,
            CorrelationId = context.CorrelationId,
            ConversationId = context.ConversationId,
            RequestId = context.RequestId,
            InitiatorId = context.InitiatorId,
            SchedulingTokenId = context.Headers.Get<Guid>(MessageHeaders.SchedulingTokenId),
            SourceAddress = context.SourceAddress,
            DestinationAddress = context.DestinationAddress,
            ResponseAddress = context.ResponseAddress,
            FaultAddress = context.FaultAddress,
            SentTime = context.SentTime,
            ExpirationTime = expiration,
            Expires = expiration is { } moment ? Clock.Of(moment) : null,
            Priority = context.Priority ?? DefaultPriority,
            PartitionKey = context.PartitionKey,
            RoutingKey = context.RoutingKey,
            ContentType = context.ContentType?.ToString(),
            MessageType = string.Join(';', context.SupportedMessageTypes),
            Headers = DeadLetters.Serialize(context.Headers),
            Host = HostInfoCache.HostInfoJson,
            BinaryBody = context.Body.GetBytes(),
        };
    }
}
