namespace MaestroBus.Analytics;

/// <summary>Counts the events that are billed.</summary>
public sealed class UsageConsumer(IUsageStore store, TimeProvider clock) :
    IConsumer<WebhookAccepted>,
    IConsumer<FlowStarted>,
    IConsumer<FlowCompleted>,
    IConsumer<FlowFailed>,
    IConsumer<ApiCallSucceeded>,
    IConsumer<ApiCallFailed>,
    IConsumer<NotificationSent>,
    IConsumer<NotificationFailed>
{
    public Task Consume(ConsumeContext<WebhookAccepted> context) => Count(context, context.Message.TenantId);

    public Task Consume(ConsumeContext<FlowStarted> context) => Count(context, context.Message.TenantId);

    public Task Consume(ConsumeContext<FlowCompleted> context) => Count(context, context.Message.TenantId);

    public Task Consume(ConsumeContext<FlowFailed> context) => Count(context, context.Message.TenantId);

    public Task Consume(ConsumeContext<ApiCallSucceeded> context) => Count(context, context.Message.TenantId);

    public Task Consume(ConsumeContext<ApiCallFailed> context) => Count(context, context.Message.TenantId);

    public Task Consume(ConsumeContext<NotificationSent> context) => Count(context, context.Message.TenantId);

    public Task Consume(ConsumeContext<NotificationFailed> context) => Count(context, context.Message.TenantId);

    Task Count<T>(ConsumeContext<T> context, string? tenantInMessage)
        where T : class
    {
        var tenant = context.TenantId() ?? tenantInMessage;

        if (!TenantHeader.IsValid(tenant))
            throw new InvalidMessageException(
                $"{typeof(T).Name} {context.MessageId} cannot be counted: its tenant is '{tenant}'. Name one in the header "
                    + $"{TenantHeader.Name} or in TenantId.");

        return store.Count(new UsedMessage(context.MessageId, tenant!, typeof(T).Name, SentAt(context)), context.CancellationToken);
    }

    // A sender whose clock is ahead must not count into hours that nobody asks for yet. Where a message is raw JSON, MassTransit reads its
    // time out of its id, which holds none if it is a hash (version 8).
    DateTimeOffset SentAt(MessageContext context)
    {
        var now = clock.GetUtcNow();
        return context.SentTime is { } sent && sent < now.UtcDateTime && context.MessageId is not { Version: 8 }
            ? new DateTimeOffset(sent.ToUniversalTime())
            : now;
    }
}
