using System.Text.Json;

namespace MaestroBus.Ingress.Contracts;

/// <summary>Asks Ingress to take a webhook whose signature has been checked into the bus.</summary>
/// <param name="WebhookId"><c>webhook-{event id}</c>: the same for every delivery of one event, so that what it starts can be
/// idempotent.</param>
/// <param name="Provider">The configured name of the sender, such as <c>github</c>.</param>
/// <param name="EventType">The provider's own name for what happened, such as <c>invoice.paid</c>.</param>
/// <param name="TenantId">The tenant the webhook belongs to.</param>
/// <param name="ReceivedAt">When the request arrived.</param>
/// <param name="Payload">The webhook's body.</param>
public sealed record AcceptWebhook(
    string WebhookId, string Provider, string EventType, string TenantId, DateTimeOffset ReceivedAt, JsonElement Payload);
