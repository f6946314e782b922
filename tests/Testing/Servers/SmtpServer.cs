using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MimeKit;

namespace MaestroBus.Testing;

/// <summary>
/// An SMTP server that keeps what it takes. It refuses recipients that begin with <c>refused</c> for good (550) and those that begin with
/// <c>busy</c> for now (451), and lets the user <c>bus</c> with the password <c>right</c> log in. The headers <c>X-RcptTo</c> and <c>X-Peer</c>
/// of each mail hold the recipients of its envelope and the connection it came by.
/// </summary>
public sealed class SmtpServer : IAsyncDisposable
{
    const string Install = "apt-get install -y python3-aiosmtpd";

    static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Servers", "smtp_server.py");
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly TemporaryFolder _folder = new();
    ServerProcess? _process;

    SmtpServer(int port) => Port = port;

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; }

    /// <summary>Starts a server and waits until it accepts connections.</summary>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <param name="port">The port; a free one without it.</param>
    /// <param name="startTls">Whether it demands STARTTLS, with a certificate that nobody trusts.</param>
    /// <exception cref="ServerException">It is not installed, or did not start.</exception>
    public static async Task<SmtpServer> Start(CancellationToken cancellationToken, int? port = null, bool startTls = false)
    {
        var server = new SmtpServer(port ?? Ports.Free());

        try
        {
            await server.Run(startTls, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The mails taken so far.</summary>
    public IReadOnlyList<MimeMessage> Mails()
    {
        var taken = new DirectoryInfo(_folder.At("mails/new"));
        return taken.Exists ? [.. taken.GetFiles().OrderBy(file => file.LastWriteTimeUtc).Select(file => MimeMessage.Load(file.FullName))] : [];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    async Task Run(bool startTls, CancellationToken cancellationToken)
    {
        var python = await FindPython(cancellationToken);
        string[] tls = startTls ? [_folder.At("cert.pem"), _folder.At("key.pem")] : [];
        if (startTls)
            await WriteCertificate(cancellationToken);

        _process = ServerProcess.Start(
            "The SMTP server (aiosmtpd)",
            python,
            [Script, $"{Port}", _folder.At("mails"), .. tls],
            Install);
        await _process.Ready(token => Ports.Accepts(Port, token), Patience, cancellationToken);
    }

    // The system's own Python comes first: it is the one that the package installs into, whatever else is on PATH.
    static async Task<string> FindPython(CancellationToken cancellationToken)
    {
        foreach (var python in (string[])["/usr/bin/python3", "python3"])
            if (await ServerProcess.Succeeds(python, ["-c", "import aiosmtpd"], cancellationToken))
                return python;

        throw ServerException.Missing("The SMTP server (aiosmtpd)", Install);
    }

    async Task WriteCertificate(CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());

        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(_folder.At("cert.pem"), certificate.ExportCertificatePem(), cancellationToken);
        await File.WriteAllTextAsync(_folder.At("key.pem"), key.ExportPkcs8PrivateKeyPem(), cancellationToken);
    }
}
