using System.Net.Sockets;
using MailKit;

namespace Maestro.Bus.Mail;

/// <summary>Sends mails through one SMTP server, and tells what is the server's fault from what is the mail's.</summary>
sealed class SmtpSender : IMailSender, IDisposable
{
    const int LongestResponse = 200;

    // A login that is refused is tried so often, too.
    static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(30);

    readonly MailServer _server;
    readonly TimeProvider _time;
    readonly SmtpConnections _connections;
    readonly SecretMask _mask;
    readonly ProbedOutage _outage;

    public SmtpSender(MailServer server, Outages outages, TimeProvider time)
    {
        (_server, _time) = (server, time);
        _connections = new SmtpConnections(server);
        _mask = SecretMask.Of([Settings.Password]);
        _outage = new ProbedOutage(outages.Of(Name), _connections.Probe, Words, ProbeInterval, Settings.Timeout, time);
    }

    MailServerSettings Settings => _server.Settings;

    string Name => $"The mail server {Settings.Host}:{Settings.Port}";

    public bool IsAddress(string text) => MailAddresses.TryParse(text, out _);

    public async Task Send(MailMessage mail, CancellationToken cancellationToken)
    {
        using var message = Compose(mail);
        using var timeout = new CancellationTokenSource(Settings.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var isConnected = false;

        try
        {
            await _connections.Send(message, Connected, either.Token);
        }
        catch (SmtpCommandException exception) when (isConnected && IsFinal(exception))
        {
            throw new MailRefusedException(
                $"The mail server has refused the mail to '{string.Join(", ", mail.To)}': {Shorten(exception.Message)}", exception);
        }
        catch (SmtpCommandException exception) when (isConnected && IsOfMailNow(exception))
        {
            throw new MailDeferredException(
                $"The mail server has put off the mail to '{string.Join(", ", mail.To)}': {Shorten(exception.Message)}", exception);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Unavailable(exception) is { } problem)
        {
            if (!isConnected)
                _outage.Away(Words(exception));
            throw new DependencyUnavailableException(problem, exception);
        }

        void Connected()
        {
            isConnected = true;
            _outage.Back();
        }
    }

    public void Dispose()
    {
        _outage.Dispose();
        _connections.Dispose();
    }

    // What to do about a server that cannot be used now; null if that is not what an exception says.
    string? Unavailable(Exception exception) => exception switch
    {
        OperationCanceledException =>
            $"{Name} has not taken the mail within {Settings.Timeout.TotalSeconds:0.#} s. Check that it is up, or raise "
            + $"{_server.Section}:Timeout.",
        SmtpCommandException refusal when (int)refusal.StatusCode < 500 => $"{Name} cannot take the mail now: {Shorten(refusal.Message)}",
        AuthenticationException =>
            $"{Name} refuses the login: {Shorten(exception.Message)} Set {_server.Section}:Username and Password to a login that it takes.",
        IOException or SocketException or ProtocolException or SslHandshakeException or ServiceNotConnectedException =>
            $"{Name} could not be reached: {Shorten(_server.Tls?.Explain(exception) ?? exception.Message)}",

        // MailKit's way to say that the server offers no STARTTLS, or no login.
        NotSupportedException =>
            $"{Name} does not offer what is needed: {Shorten(exception.Message)} Have it offer STARTTLS and the login, or set "
            + $"{_server.Section}:Security.",
        _ => null,
    };

    string Words(Exception exception) => exception is OperationCanceledException
        ? $"it has not answered within {Settings.Timeout.TotalSeconds:0.#} s"
        : Shorten(_server.Tls?.Explain(exception) ?? exception.Message);

    // A refused sender is the set-up's fault and may be put right before the last attempt; a refused recipient or mail stays refused.
    static bool IsFinal(SmtpCommandException exception) =>
        (int)exception.StatusCode >= 500 && exception.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted;

    // MailKit 4 calls most codes unexpected, such as 451 and 452 to a recipient, and does not say to what they are the answer. With 421 the
    // server closes the connection, whatever it was asked.
    static bool IsOfMailNow(SmtpCommandException exception) =>
        exception.ErrorCode != SmtpErrorCode.SenderNotAccepted && exception.StatusCode != SmtpStatusCode.ServiceNotAvailable;

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
            Date = _time.GetUtcNow(),
            Body = new TextPart("plain") { Text = mail.Text },
        };

        if (mail.Id is not null)
            message.MessageId = $"{mail.Id}@{from!.Domain}";

        message.From.Add(new MailboxAddress(Settings.FromName ?? from!.Name, from!.Address));
        foreach (var recipient in mail.To)
            message.To.Add(
                MailAddresses.TryParse(recipient, out var address)
                    ? address
                    : throw new MailRefusedException($"'{recipient}' is not an e-mail address."));

        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }
}
