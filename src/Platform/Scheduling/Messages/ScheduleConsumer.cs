using MassTransit.Context;
using MassTransit.Scheduling;

namespace Maestro.Bus.Scheduling;

/// <summary>Does what MassTransit's scheduling messages ask for.</summary>
public sealed class ScheduleConsumer :
    IConsumer<ScheduleMessage>,
    IConsumer<CancelScheduledMessage>,
    IConsumer<ScheduleRecurringMessage>,
    IConsumer<CancelScheduledRecurringMessage>,
    IConsumer<PauseScheduledRecurringMessage>,
    IConsumer<ResumeScheduledRecurringMessage>
{
    /// <summary>The queue that scheduling messages are sent to.</summary>
    public const string Queue = "schedules";

    readonly IScheduleStore _store;
    readonly AlarmClock _alarms;
    readonly TimeProvider _time;

    internal ScheduleConsumer(IScheduleStore store, AlarmClock alarms, TimeProvider time) =>
        (_store, _alarms, _time) = (store, alarms, time);

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<ScheduleMessage> context)
    {
        await Check(context, context.Message.Payload, context.Message.PayloadType, context.Message.Destination);

        var (token, due) = (context.Message.CorrelationId, new DateTimeOffset(context.Message.ScheduledTime.ToUniversalTime()));
        var message = Stored(context, context.Message.Payload, context.Message.PayloadType, context.Message.Destination) with
        {
            MessageId = context.MessageId,
            Expires = context.ExpirationTime is { } expiration ? new DateTimeOffset(expiration.ToUniversalTime()) : null,
        };
        message = message with { Headers = new Dictionary<string, string> { [MessageHeaders.SchedulingTokenId] = $"{token:D}" } };

        if (await _store.Keep(token, due, message, context.CancellationToken))
            await _alarms.Set(token, due, context.CancellationToken);
    }

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<CancelScheduledMessage> context)
    {
        await _store.Cancel(context.Message.TokenId, context.CancellationToken);
        await _alarms.Remove(context.Message.TokenId, context.CancellationToken);
    }

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<ScheduleRecurringMessage> context)
    {
        await Check(context, context.Message.Payload, context.Message.PayloadType, context.Message.Destination);

        var schedule = context.Message.Schedule;
        var definition = new ScheduleDefinition
        {
            Name = NameOf(schedule.ScheduleId, schedule.ScheduleGroup),
            Description = string.IsNullOrWhiteSpace(schedule.Description) ? null : schedule.Description,
            Cron = schedule.CronExpression,
            TimeZone = string.IsNullOrWhiteSpace(schedule.TimeZoneId) ? _time.LocalTimeZone.Id : schedule.TimeZoneId,
            Start = schedule.StartTime == default ? null : schedule.StartTime,
            End = schedule.EndTime,
            Misfire = schedule.MisfirePolicy == MissedEventPolicy.Skip ? MisfirePolicy.Skip : MisfirePolicy.FireOnce,
            MessageType = context.Message.PayloadType.FirstOrDefault() is { } urn ? urn[(urn.LastIndexOf(':') + 1)..] : "?",
            Message = Stored(context, context.Message.Payload, context.Message.PayloadType, context.Message.Destination),
        };

        try
        {
            _ = new Timetable(definition);
        }
        catch (Exception exception) when (Timetable.IsProblem(exception))
        {
            throw new InvalidMessageException($"The recurring schedule {definition.Name} cannot be kept: {exception.Message}");
        }

        await _store.Put(definition, context.CancellationToken);
        await _alarms.Set(definition, context.CancellationToken);
    }

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<CancelScheduledRecurringMessage> context)
    {
        var name = NameOf(context.Message.ScheduleId, context.Message.ScheduleGroup);
        await _store.Delete(name, context.CancellationToken);
        await _alarms.Remove(name, context.CancellationToken);
    }

    /// <inheritdoc />
    public Task Consume(ConsumeContext<PauseScheduledRecurringMessage> context) =>
        _store.Pause(NameOf(context.Message.ScheduleId, context.Message.ScheduleGroup), true, context.CancellationToken);

    /// <inheritdoc />
    public Task Consume(ConsumeContext<ResumeScheduledRecurringMessage> context) =>
        _store.Pause(NameOf(context.Message.ScheduleId, context.Message.ScheduleGroup), false, context.CancellationToken);

    /// <summary>What a recurring schedule is called: no name that a declared one could have.</summary>
    internal static string NameOf(string id, string? group) => $"{(string.IsNullOrWhiteSpace(group) ? "default" : group)}:{id}";

    // What the bus cannot send now, it cannot send when it is due.
    static async Task Check(ConsumeContext context, object? payload, string[]? types, Uri? destination)
    {
        if (payload is null || types is not { Length: > 0 } || types.Any(string.IsNullOrWhiteSpace))
            throw new InvalidMessageException("The message to be sent later lacks its body or its types. Give it both.");
        if (destination is not { IsAbsoluteUri: true })
            throw new InvalidMessageException(
                $"The message to be sent later is for '{destination}'. Use an absolute address, such as queue:orders.");

        try
        {
            await context.GetSendEndpoint(destination);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException
            or AbstractUriException)
        {
            throw new InvalidMessageException(
                $"The message to be sent later is for '{destination}', which this bus cannot send to: {exception.Message}", exception);
        }
    }

    static StoredMessage Stored(ConsumeContext context, object payload, string[] types, Uri destination) => new()
    {
        Destination = destination,
        Body = context.SerializerContext.GetMessageSerializer(payload, types).GetMessageBody(new MessageSendContext<ScheduleMessage>(null!))
            .GetString(),
        ContentType = context.ReceiveContext.ContentType.ToString(),
        Types = types,
        TypedHeaders = MetadataValue.ToJson(
            context.Headers.GetAll().Where(header => header.Value is not null && header.Key != MessageHeaders.SchedulingTokenId)!),
        Properties = MetadataValue.ToJson(Properties(context)!),
        RoutingKey = context.ReceiveContext.TryGetPayload(out TransportReceiveContext? _) ? null : context.RoutingKey(),
        SourceAddress = context.SourceAddress,
        CorrelationId = context.CorrelationId,
        ConversationId = context.ConversationId,
        InitiatorId = context.InitiatorId,
        RequestId = context.RequestId,
        ResponseAddress = context.ResponseAddress,
        FaultAddress = context.FaultAddress,
    };

    // The sender's name is for the broker to check, of the sending at hand.
    static IEnumerable<KeyValuePair<string, object>> Properties(ConsumeContext context) =>
        context.ReceiveContext.TryGetPayload(out TransportReceiveContext? transport) && transport.GetTransportProperties() is { } properties
            ? properties.Where(property => !property.Key.EndsWith("UserId", StringComparison.Ordinal))
            : [];
}
