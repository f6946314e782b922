namespace MaestroBus.Ingress;

/// <summary>What the sender of a webhook is answered: the ids it has in the bus, and where its journey can be read.</summary>
sealed record WebhookReceipt(Guid MessageId, string WebhookId, string Journey);
