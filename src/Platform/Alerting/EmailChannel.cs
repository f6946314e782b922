namespace MaestroBus.Alerting;

/// <summary>Sends alerts by e-mail, each over a connection of its own: they are few.</summary>
sealed class EmailChannel(AlertSettings settings, TimeProvider time) : IAlertChannel
{
    const int ImplicitTlsPort = 465;

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    readonly EmailAlertSettings _email = settings.Email;

    public string Name => "e-mail";

    public async Task Send(Alert alert, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var message = new MimeMessage { Subject = alert.Title, Date = alert.RaisedAt, Body = new TextPart("plain") { Text = alert.Text } };
        message.From.Add(MailboxAddress.Parse(_email.From!));
        message.To.AddRange(InternetAddressList.Parse(_email.To!));
        message.Headers.Add("Auto-Submitted", "auto-generated");

        using var client = new SmtpClient();
        await client.ConnectAsync(_email.Host!, _email.Port, Security, either.Token);
        if (_email.Username is not null)
            await client.AuthenticateAsync(_email.Username, _email.Password!, either.Token);
        await client.SendAsync(message, either.Token);
        await client.DisconnectAsync(quit: true, either.Token);
    }

    // A password is sent over an encrypted connection only.
    SecureSocketOptions Security => (_email.Tls || _email.Username is not null, _email.Port) switch
    {
        (true, ImplicitTlsPort) => SecureSocketOptions.SslOnConnect,
        (true, _) => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.StartTlsWhenAvailable,
    };
}
