namespace MaestroBus.Notifications.Contracts;

/// <summary>The channel has taken the notification.</summary>
public sealed record NotificationSent(
    Guid NotificationId, string TenantId, string Channel, string Recipient, Guid? FlowId = null, string? StepId = null);
