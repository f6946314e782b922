namespace MaestroBus.Orchestration;

/// <summary>
/// Starts the flows whose trigger names a webhook. A webhook that is delivered twice gives the same flow ids, and a flow starts once.
/// </summary>
public sealed class StartFlowsForWebhookConsumer(FlowSpecifications specifications, ILogger<StartFlowsForWebhookConsumer> logger)
    : IConsumer<WebhookAccepted>
{
    public async Task Consume(ConsumeContext<WebhookAccepted> context)
    {
        var webhook = context.Message;
        var started = specifications.StartedBy(webhook.Provider, webhook.EventType, webhook.TenantId).ToList();

        if (started.Count == 0)
            Log.NoFlow(logger, webhook.EventType, webhook.Provider, webhook.WebhookId);

        foreach (var specification in started)
        {
            var id = FlowId.OfWebhook(webhook.TenantId, webhook.Provider, webhook.WebhookId, specification.Id);
            var start = new StartFlow(id, specification, webhook.TenantId, webhook.Payload);
            await context.Publish(start, publish => FlowId.Address(publish, start), context.CancellationToken);
        }
    }
}
