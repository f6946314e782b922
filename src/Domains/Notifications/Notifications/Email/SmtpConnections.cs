using System.Collections.Concurrent;

namespace MaestroBus.Notifications;

/// <summary>Keeps the connections to the mail server open between mails: as many as there are mails at one time.</summary>
sealed class SmtpConnections(NotificationsSettings settings) : IDisposable
{
    readonly EmailSettings _settings = settings.Email;
    readonly ConcurrentBag<SmtpClient> _idle = [];

    public async Task Send(MimeMessage message, CancellationToken cancellationToken)
    {
        var client = await Reuse(cancellationToken) ?? await Connect(cancellationToken);

        try
        {
            await client.SendAsync(message, cancellationToken);
        }
        catch
        {
            // What state the conversation is in is not known any more.
            client.Dispose();
            throw;
        }

        _idle.Add(client);
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var client))
            client.Dispose();
    }

    async Task<SmtpClient?> Reuse(CancellationToken cancellationToken)
    {
        while (_idle.TryTake(out var client))
        {
            try
            {
                // The server may have closed the connection meanwhile, or close it in answer.
                await client.NoOpAsync(cancellationToken);
                return client;
            }
            catch (Exception exception)
            {
                client.Dispose();
                if (exception is OperationCanceledException)
                    throw;
            }
        }

        return null;
    }

    async Task<SmtpClient> Connect(CancellationToken cancellationToken)
    {
        var client = new SmtpClient();

        try
        {
            await client.ConnectAsync(_settings.Host!, _settings.Port, Security, cancellationToken);
            if (_settings is { Username: { } username, Password: { } password })
                await client.AuthenticateAsync(username, password, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    SecureSocketOptions Security => _settings.Security switch
    {
        EmailSecurity.None => SecureSocketOptions.None,
        EmailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        EmailSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => _settings.Username is null ? SecureSocketOptions.StartTlsWhenAvailable : SecureSocketOptions.StartTls,
    };
}
