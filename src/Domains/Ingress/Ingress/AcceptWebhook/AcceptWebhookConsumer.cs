using System.Text.Json;

namespace MaestroBus.Ingress;

/// <summary>
/// Tells the bus that a webhook is in. A repeated delivery is told again, under the same ids: what it starts has its effect once, and needs
/// no memory here of what has been.
/// </summary>
public sealed class AcceptWebhookConsumer : IConsumer<AcceptWebhook>
{
    public Task Consume(ConsumeContext<AcceptWebhook> context)
    {
        var webhook = Checked(context.Message);

        return context.Publish(
            new WebhookAccepted(
                webhook.WebhookId, webhook.Provider, webhook.EventType, webhook.TenantId, webhook.ReceivedAt, webhook.Payload),
            accepted =>
            {
                if (context.MessageId is { } messageId)
                    accepted.MessageId = DeterministicId.Of($"accepted-{messageId}");

                accepted.SetTenantId(webhook.TenantId);

                if (context.Priority() is { } priority)
                    accepted.SetPriority(priority);
            });
    }

    static AcceptWebhook Checked(AcceptWebhook webhook)
    {
        if (string.IsNullOrWhiteSpace(webhook.WebhookId) || string.IsNullOrWhiteSpace(webhook.Provider)
            || string.IsNullOrWhiteSpace(webhook.EventType))
            throw new InvalidMessageException("The webhook lacks its WebhookId, Provider or EventType. Send AcceptWebhook with all three.");

        if (!TenantHeader.IsValid(webhook.TenantId))
            throw new InvalidMessageException($"The tenant of {webhook.WebhookId} is not one. Send AcceptWebhook with a valid TenantId.");

        if (webhook.Payload.ValueKind != JsonValueKind.Object)
            throw new InvalidMessageException(
                $"The payload of {webhook.WebhookId} is not a JSON object. Send AcceptWebhook with the webhook's body.");

        return webhook;
    }
}
