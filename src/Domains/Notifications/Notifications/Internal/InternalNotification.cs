namespace MaestroBus.Notifications;

/// <summary>A notification as people inside read it.</summary>
sealed record InternalNotification(
    Guid NotificationId, string Recipient, string? Subject, string Text, DateTimeOffset SentAt, Guid? FlowId, string? StepId);
