namespace MaestroBus.Alerting;

/// <summary>Sends alerts by e-mail.</summary>
sealed class EmailChannel(AlertSettings settings, [FromKeyedServices(EmailChannel.Section)] IMailSender mails) : IAlertChannel
{
    /// <summary>The section of the mail server's settings.</summary>
    public const string Section = $"{AlertSettings.Section}:Email";

    public string Name => "e-mail";

    public Task Send(Alert alert, CancellationToken cancellationToken) =>
        mails.Send(new MailMessage(settings.Email.Recipients, alert.Title, alert.Text), cancellationToken);
}
