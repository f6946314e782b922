using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace Maestro.Bus.Mail;

/// <summary>Keeps the connections to a mail server open between mails: as many as there are mails at one time.</summary>
sealed class SmtpConnections(MailServer server) : IDisposable
{
    readonly ConcurrentBag<SmtpClient> _idle = [];

    MailServerSettings Settings => server.Settings;

    /// <summary>Sends a mail.</summary>
    /// <param name="message">The mail.</param>
    /// <param name="connected">Is called when there is a connection.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task Send(MimeMessage message, Action connected, CancellationToken cancellationToken)
    {
        var client = await Reuse(cancellationToken) ?? await Connect(cancellationToken);
        connected();

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

    /// <summary>Finds out whether the server takes a connection, and the login.</summary>
    /// <exception cref="Exception">It does not.</exception>
    public async Task Probe(CancellationToken cancellationToken)
    {
        using var client = await Connect(cancellationToken);
        await client.DisconnectAsync(quit: true, cancellationToken);
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
            if (server.Tls is { } tls)
            {
                client.SslProtocols = TlsClient.Protocols;
                client.CheckCertificateRevocation = false;
                client.ServerCertificateValidationCallback = tls.Validation(Settings.Host!);
                if (tls.Certificate is { } own)
                    client.ClientCertificates = new X509CertificateCollection { own };
            }

            await client.ConnectAsync(Settings.Host!, Settings.Port, Security, cancellationToken);
            if (Settings is { Username: { } username, Password: { } password })
                await client.AuthenticateAsync(username, password, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    SecureSocketOptions Security => Settings.EffectiveSecurity switch
    {
        MailSecurity.None => SecureSocketOptions.None,
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailSecurity.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.StartTlsWhenAvailable,
    };
}
