namespace Maestro.Bus.Alerting;

/// <summary>Sends alerts by e-mail.</summary>
sealed partial class EmailChannel(
    AlertSettings settings, [FromKeyedServices(EmailChannel.Section)] IMailSender mails, ILogger<EmailChannel> logger) : IAlertChannel
{
    /// <summary>The section of the mail server's settings.</summary>
    public const string Section = $"{AlertSettings.Section}:Email";

    public string Name => "e-mail";

    /// <summary>Sends one mail to all recipients. If the server does not take one of them, the others have a mail each.</summary>
    public async Task Send(Alert alert, CancellationToken cancellationToken)
    {
        var recipients = settings.Email.Recipients;

        try
        {
            await Send(recipients, alert, cancellationToken);
        }
        catch (Exception exception) when (recipients.Count > 1 && IsOfRecipient(exception))
        {
            await SendEach(recipients, alert, cancellationToken);
        }
    }

    async Task SendEach(IReadOnlyList<string> recipients, Alert alert, CancellationToken cancellationToken)
    {
        List<Exception> failures = [];
        foreach (var recipient in recipients)
        {
            try
            {
                await Send([recipient], alert, cancellationToken);
            }
            catch (Exception exception) when (IsOfRecipient(exception))
            {
                NotTold(alert.Title, recipient, LogText.Reason(exception));
                failures.Add(exception);
            }
        }

        if (failures.Count == recipients.Count)
            throw new AggregateException("The mail server has taken the alert for none of its recipients.", failures);
    }

    Task Send(IReadOnlyList<string> recipients, Alert alert, CancellationToken cancellationToken) =>
        mails.Send(new MailMessage(recipients, alert.Title, alert.Text), cancellationToken);

    static bool IsOfRecipient(Exception exception) => exception is MailRefusedException or MailDeferredException;

    [LoggerMessage(2, LogLevel.Warning, "The alert '{Title}' could not be sent to {Recipient}: {Reason}")]
    partial void NotTold(string title, string recipient, string reason);
}
