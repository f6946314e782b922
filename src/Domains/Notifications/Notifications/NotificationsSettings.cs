namespace MaestroBus.Notifications;

/// <summary>The settings of the section <c>Bus:Notifications</c>: one group for each channel.</summary>
public sealed class NotificationsSettings
{
    /// <summary>The channel <c>email</c>.</summary>
    public MailServerSettings Email { get; set; } = new();

    /// <summary>The channel <c>sms</c>.</summary>
    public SmsSettings Sms { get; set; } = new();

    /// <summary>The channel <c>internal</c>.</summary>
    public InternalSettings Internal { get; set; } = new();

    /// <summary>How large a notification may be, whichever way it comes.</summary>
    public NotificationLimits Limits { get; set; } = new();
}
