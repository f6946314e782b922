using System.Net.Sockets;
using MailKit;

namespace MaestroBus.Mail;

/// <summary>Sends mails through one SMTP server, and tells what is the server's fault from what is the mail's.</summary>
sealed class SmtpSender(MailServer server, TimeProvider time) : IMailSender, IDisposable
{
    const int LongestResponse = 200;

    readonly SmtpConnections _connections = new(server);
    readonly SecretMask _mask = SecretMask.Of([server.Settings.Password]);

    MailServerSettings Settings => server.Settings;

    string Name => $"The mail server {Settings.Host}:{Settings.Port}";

    public bool IsAddress(string text) => MailAddresses.TryParse(text, out _);

    public async Task Send(MailMessage mail, CancellationToken cancellationToken)
    {
        using var message = Compose(mail);
        using var timeout = new CancellationTokenSource(Settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);

        try
        {
            await _connections.Send(message, either.Token);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DependencyUnavailableException(
                $"{Name} has not taken the mail within {Settings.Timeout.TotalSeconds:0.#} s. Check that it is up, or raise {server.Section}:Timeout.", exception);
        }
        catch (SmtpCommandException exception) when (IsFinal(exception))
        {
            throw new MailRefusedException(
                $"The mail server has refused the mail to '{string.Join(", ", mail.To)}': {Shorten(exception.Message)}", exception);
        }
        catch (SmtpCommandException exception) when ((int)exception.StatusCode < 500)
        {
            throw new DependencyUnavailableException($"{Name} cannot take the mail now: {Shorten(exception.Message)}", exception);
        }
        catch (AuthenticationException exception)
        {
            throw new DependencyUnavailableException(
                $"{Name} refuses the login: {Shorten(exception.Message)} Set {server.Section}:Username and Password to a login that it takes.", exception);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or SslHandshakeException or ServiceNotConnectedException)
        {
            throw new DependencyUnavailableException($"{Name} could not be reached: {Shorten(server.Tls?.Explain(exception) ?? exception.Message)}", exception);
        }
        catch (NotSupportedException exception)
        {
            // MailKit's way to say that the server offers no STARTTLS, or no login.
            throw new DependencyUnavailableException(
                $"{Name} does not offer what is needed: {Shorten(exception.Message)} Have it offer STARTTLS and the login, or set {server.Section}:Security.", exception);
        }
    }

    public void Dispose() => _connections.Dispose();

    // A refused sender is the set-up's fault and may be put right before the last attempt; a refused recipient or mail stays refused.
    static bool IsFinal(SmtpCommandException exception) =>
        (int)exception.StatusCode >= 500 && exception.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted;

    string Shorten(string response)
    {
        var line = StorableText.OnOneLine(_mask.Apply(response), LongestResponse);
        return line.EndsWith('…') ? line : line.TrimEnd('.') + ".";
    }

    MimeMessage Compose(MailMessage mail)
    {
        MailAddresses.TryParse(Settings.From, out var from);
        var message = new MimeMessage
        {
            Subject = mail.Subject,
            Date = time.GetUtcNow(),
            Body = new TextPart("plain") { Text = mail.Text },
        };

        if (mail.Id is not null)
            message.MessageId = $"{mail.Id}@{from!.Domain}";

        message.From.Add(new MailboxAddress(Settings.FromName ?? from!.Name, from!.Address));
        foreach (var recipient in mail.To)
            message.To.Add(
                MailAddresses.TryParse(recipient, out var address) ? address : throw new MailRefusedException($"'{recipient}' is not an e-mail address."));

        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }
}
