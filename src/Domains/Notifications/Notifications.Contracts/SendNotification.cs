namespace MaestroBus.Notifications.Contracts;

/// <summary>Asks Notifications to tell somebody something.</summary>
/// <param name="NotificationId">The notification's id; sending it twice with one id tells the recipient once where the channel allows
/// it.</param>
/// <param name="TenantId">The tenant on whose behalf it is sent.</param>
/// <param name="Channel"><c>email</c>, <c>sms</c> or <c>internal</c>.</param>
/// <param name="Recipient">An e-mail address, a phone number in E.164 form, or a user's or team's name.</param>
/// <param name="Subject">One line; channels without a subject leave it out.</param>
/// <param name="Text">The message.</param>
/// <param name="FlowId">The flow that waits for the outcome, if one does.</param>
/// <param name="StepId">The flow's step that waits for the outcome, if one does.</param>
public sealed record SendNotification(
    Guid NotificationId,
    string TenantId,
    string Channel,
    string Recipient,
    string? Subject,
    string Text,
    Guid? FlowId = null,
    string? StepId = null);
