using MimeKit;

namespace Maestro.Bus.Testing;

/// <summary>
/// An SMTP server that keeps what it takes. It refuses recipients that begin with <c>refused</c> for good (550), those that begin with
/// <c>busy</c> for now (451), and those that begin with <c>closing</c> as a closing server does (421), and lets the user <c>bus</c> with
/// the password <c>right</c> log in. The headers <c>X-RcptTo</c> and <c>X-Peer</c> of each mail hold the recipients of its envelope and the
/// connection it came by.
/// </summary>
public sealed class SmtpServer : IAsyncDisposable
{
    const string Install = "apt-get install -y python3-aiosmtpd";

    const string Script = "smtp_server.py";

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    readonly TemporaryFolder _folder = new();
    ServerProcess? _process;

    SmtpServer(int port) => Port = port;

    /// <summary>The port on the loopback address.</summary>
    public int Port { get; }

    /// <summary>Starts a server and waits until it accepts connections.</summary>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <param name="port">The port; a free one without it.</param>
    /// <param name="startTls">Whether it demands STARTTLS, with a certificate that nobody trusts.</param>
    /// <param name="tls">How it uses TLS; instead of <paramref name="startTls"/>.</param>
    /// <exception cref="ServerException">It is not installed, or did not start.</exception>
    public static async Task<SmtpServer> Start(
        CancellationToken cancellationToken, int? port = null, bool startTls = false, SmtpTls? tls = null)
    {
        var server = new SmtpServer(port ?? Ports.Free());

        try
        {
            using var selfSigned = startTls && tls is null ? TestAuthority.SelfSigned("localhost", ["localhost", "127.0.0.1"]) : null;
            await server.Run(selfSigned is null ? tls : new SmtpTls(selfSigned), cancellationToken);
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
        return taken.Exists
            ? [.. taken.GetFiles().OrderBy(file => file.LastWriteTimeUtc).Select(file => MimeMessage.Load(file.FullName))]
            : [];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    async Task Run(SmtpTls? tls, CancellationToken cancellationToken)
    {
        var python = await FindPython(cancellationToken);
        _process = ServerProcess.Start(
            "The SMTP server (aiosmtpd)",
            python,
            [await WriteScript(cancellationToken), $"{Port}", _folder.At("mails"), .. Arguments(tls)],
            Install);
        await _process.Ready(token => Ports.Accepts(Port, token), Patience, cancellationToken);
    }

    async Task<string> WriteScript(CancellationToken cancellationToken)
    {
        var path = _folder.At(Script);
        await using var script = typeof(SmtpServer).Assembly.GetManifestResourceStream(Script)!;
        await using var file = File.Create(path);
        await script.CopyToAsync(file, cancellationToken);
        return path;
    }

    IEnumerable<string> Arguments(SmtpTls? tls)
    {
        if (tls is null)
            return [];

        var (certificate, key) = tls.Certificate.WriteTo(_folder, "server");
        var mode = tls.IsImplicit ? "implicit" : "starttls";
        if (tls.Clients is null)
            return [certificate, key, mode];

        File.WriteAllText(_folder.At("clients.pem"), tls.Clients.Pem);
        return [certificate, key, mode, _folder.At("clients.pem")];
    }

    // The system's own Python comes first: it is the one that the package installs into, whatever else is on PATH.
    static async Task<string> FindPython(CancellationToken cancellationToken)
    {
        foreach (var python in (string[])["/usr/bin/python3", "python3"])
        {
            if (await ServerProcess.Succeeds(python, ["-c", "import aiosmtpd"], cancellationToken))
                return python;
        }

        throw ServerException.Missing("The SMTP server (aiosmtpd)", Install);
    }
}

/// <summary>How an SMTP server uses TLS.</summary>
/// <param name="Certificate">Its certificate.</param>
/// <param name="IsImplicit">Whether TLS begins with the first byte; otherwise STARTTLS is demanded.</param>
/// <param name="Clients">The authority that a client's certificate must come from; null to ask for none.</param>
public sealed record SmtpTls(TestCertificate Certificate, bool IsImplicit = false, TestAuthority? Clients = null);
