namespace MaestroBus.Notifications;

/// <summary>Sends mails through the mail server of <c>Bus:Notifications:Email</c>.</summary>
sealed class EmailChannel(NotificationsSettings settings, [FromKeyedServices(EmailChannel.Section)] IMailSender mails)
    : INotificationChannel
{
    /// <summary>The section of the mail server's settings.</summary>
    public const string Section = "Notifications:Email";

    public string Name => "email";

    public async Task<Delivery> Send(SendNotification notification, CancellationToken cancellationToken)
    {
        if (settings.Email.Host is null)
            return Delivery.Refused("The channel 'email' is off. Set Bus:Notifications:Email:Host to the mail server's name.");

        if (!mails.IsAddress(notification.Recipient))
            return Delivery.Refused(
                $"The recipient '{notification.Recipient}' is not an e-mail address. Use one such as name@example.com.");

        try
        {
            var mail = new MailMessage([notification.Recipient], notification.Subject ?? "", notification.Text)
            {
                Id = $"{notification.NotificationId:N}",
            };
            await mails.Send(mail, cancellationToken);
            return Delivery.Taken;
        }
        catch (MailRefusedException refusal)
        {
            return Delivery.Refused($"{refusal.Message} Correct what it names, and send the notification again.");
        }
    }
}
