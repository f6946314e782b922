using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Maestro.Bus.Testing;

/// <summary>
/// A server that speaks TLS, sends one byte and closes the connection. It keeps the subjects of the client certificates that it was shown.
/// </summary>
public sealed class TlsListener : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly Task _running;
    readonly bool _wantsCertificate;
    readonly SslProtocols _protocol;

    /// <summary>Starts a server.</summary>
    /// <param name="certificate">What it shows.</param>
    /// <param name="wantsCertificate">Whether it refuses clients without a certificate.</param>
    /// <param name="protocol">The version of TLS that it speaks.</param>
    public TlsListener(X509Certificate2 certificate, bool wantsCertificate = false, SslProtocols protocol = SslProtocols.Tls13)
    {
        Certificate = certificate;
        _wantsCertificate = wantsCertificate;
        _protocol = protocol;
        _listener.Start();
        _running = Run();
    }

    /// <summary>The port on the loopback address.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What it shows.</summary>
    public X509Certificate2 Certificate { get; set; }

    /// <summary>The serial numbers of the certificates that clients have shown.</summary>
    public ConcurrentQueue<string> Shown { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        // It listens until nobody waits for the next connection: to wait at a stopped listener is an error.
        await _running;
        _listener.Stop();
        _end.Dispose();
    }

    async Task Run()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                await using var stream = new SslStream(client.GetStream());
                await stream.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificate = Certificate,
                        EnabledSslProtocols = _protocol,
                        ClientCertificateRequired = _wantsCertificate,
                        RemoteCertificateValidationCallback = (_, shown, _, _) => Takes(shown),
                    },
                    _end.Token);
                await stream.WriteAsync(new byte[] { 1 }, _end.Token);
            }
            catch (Exception exception)
                when (exception is AuthenticationException or IOException or OperationCanceledException or SocketException)
            {
                // The client has broken off, or the test ends.
            }
        }
    }

    bool Takes(X509Certificate? shown)
    {
        if (shown is not null)
            Shown.Enqueue(shown.GetSerialNumberString());
        return shown is not null || !_wantsCertificate;
    }
}
