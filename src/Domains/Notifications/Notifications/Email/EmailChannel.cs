namespace MaestroBus.Notifications;

/// <summary>Sends mails through an SMTP server.</summary>
sealed class EmailChannel(NotificationsSettings settings, SmtpConnections connections, TimeProvider clock) : INotificationChannel
{
    const int LongestResponse = 200;

    readonly EmailSettings _settings = settings.Email;

    public string Name => "email";

    public async Task<Delivery> Send(SendNotification notification, CancellationToken cancellationToken)
    {
        if (_settings.Host is null)
            return Delivery.Refused("The channel 'email' is off. Set Bus:Notifications:Email:Host to the mail server's name.");

        if (!EmailAddress.TryParse(notification.Recipient, out var recipient))
            return Delivery.Refused($"The recipient '{notification.Recipient}' is not an e-mail address. Use one such as name@example.com.");

        using var message = Compose(notification, recipient);
        using var timeout = new CancellationTokenSource(_settings.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);

        try
        {
            await connections.Send(message, either.Token);
            return Delivery.Taken;
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DependencyUnavailableException(
                $"The mail server {_settings.Host}:{_settings.Port} has not taken the mail within {_settings.Timeout.TotalSeconds:0.#} s. " +
                "Check that it is up, or raise Bus:Notifications:Email:Timeout.", exception);
        }
        catch (SmtpCommandException exception) when (IsFinal(exception))
        {
            return Delivery.Refused(
                $"The mail server has refused the mail to '{notification.Recipient}': {Shorten(exception.Message)} Correct what it names, and send the notification again.");
        }
    }

    // A refused sender or login is the set-up's fault and may be put right before the last attempt; a refused recipient or mail stays refused.
    static bool IsFinal(SmtpCommandException exception) =>
        (int)exception.StatusCode >= 500 && exception.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted;

    static string Shorten(string response)
    {
        var line = response.ReplaceLineEndings(" ").Trim();
        return line.Length > LongestResponse ? $"{line[..LongestResponse]}…" : line.TrimEnd('.') + ".";
    }

    MimeMessage Compose(SendNotification notification, MailboxAddress recipient)
    {
        EmailAddress.TryParse(_settings.From, out var from);
        var message = new MimeMessage
        {
            Subject = notification.Subject ?? "",
            Date = clock.GetUtcNow(),
            MessageId = $"{notification.NotificationId:N}@{from!.Domain}",
            Body = new TextPart("plain") { Text = notification.Text },
        };
        message.From.Add(new MailboxAddress(_settings.FromName ?? from.Name, from.Address));
        message.To.Add(recipient);
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }
}
