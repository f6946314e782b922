namespace MaestroBus.Notifications.Contracts;

/// <summary>The notification can never be sent, such as to an address that is none: trying again would not help.</summary>
public sealed record NotificationFailed(
    Guid NotificationId, string TenantId, string Channel, string Recipient, string Reason, Guid? FlowId = null, string? StepId = null);
