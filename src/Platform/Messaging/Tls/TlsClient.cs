using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Maestro.Bus.Messaging;

/// <summary>
/// The client's side of TLS connections that have one <see cref="TlsSettings"/>. Checks the server's certificate, shows the client's own,
/// and uses changed
/// files from the next connection on.
/// </summary>
public sealed class TlsClient
{
    readonly WatchedFiles<X509Certificate2Collection>? _authorities;
    readonly WatchedFiles<OwnCertificate>? _certificate;
    volatile bool _isAsked;
    int _version;

    /// <summary>Makes the client's side of connections. The files are looked at with the first of them.</summary>
    /// <param name="section">The full name of the settings' section, such as <c>Bus:RabbitMq:Tls</c>, for messages.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="root">The folder that relative paths are below.</param>
    public TlsClient(string section, TlsSettings settings, string root)
    {
        Section = section;
        Settings = settings;
        AuthorityPath = FullPath(settings.CertificateAuthority);
        CertificatePath = FullPath(settings.Certificate);
        KeyPath = FullPath(settings.Key);

        if (AuthorityPath is not null)
            _authorities = new(
                [(nameof(settings.CertificateAuthority), AuthorityPath)],
                contents => CertificateFiles.Authorities(AuthorityPath, contents[0]));

        if (CertificatePath is not null)
            _certificate = KeyPath is null
                ? new(
                    [(nameof(settings.Certificate), CertificatePath)],
                    contents => CertificateFiles.Certificate(settings, contents[0], null))
                : new(
                    [(nameof(settings.Certificate), CertificatePath), (nameof(settings.Key), KeyPath)],
                    contents => CertificateFiles.Certificate(settings, contents[0], contents[1]));

        Watch(_authorities);
        Watch(_certificate);

        string? FullPath(string? path) => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path, root);
    }

    /// <summary>The full name of the settings' section, such as <c>Bus:RabbitMq:Tls</c>.</summary>
    public string Section { get; }

    /// <summary>The settings.</summary>
    public TlsSettings Settings { get; }

    /// <summary>
    /// Gets or sets whether <see cref="TlsSettings.ServerName"/> is taken: some libraries check the address's name alone.
    /// </summary>
    /// <value>The default is <c>true</c>.</value>
    public bool TakesServerName { get; set; } = true;

    /// <summary>The full path of the file of certificate authorities; <c>null</c> for those that the machine trusts.</summary>
    public string? AuthorityPath { get; }

    /// <summary>The full path of the client certificate's file; <c>null</c> if there is none.</summary>
    public string? CertificatePath { get; }

    /// <summary>The full path of the key's file; <c>null</c> if there is no client certificate, or its file holds the key.</summary>
    public string? KeyPath { get; }

    /// <summary>Whether the certificate's file is a PFX file.</summary>
    public bool IsPfx => CertificatePath is not null && CertificateFiles.IsPfx(File.ReadAllBytes(CertificatePath));

    /// <summary>
    /// Counts how often changed files came into use. A library that reads files itself, once, makes its connections anew when this has
    /// grown.
    /// The files are looked at with each handshake, and every 15 seconds.
    /// </summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>The client's certificate with its key, or <c>null</c> if there is none.</summary>
    /// <exception cref="CertificateFileException">The files cannot be used, and never could.</exception>
    public X509Certificate2? Certificate => _certificate?.Current.Certificate;

    /// <summary>The client's certificate with those of its intermediate authorities; <c>null</c> if there is none.</summary>
    /// <exception cref="CertificateFileException">The files cannot be used, and never could.</exception>
    public SslStreamCertificateContext? CertificateContext => _certificate?.Current.Context;

    /// <summary>Makes the options of one connection.</summary>
    /// <param name="host">The host name of the address.</param>
    public SslClientAuthenticationOptions Options(string host)
    {
        var options = new SslClientAuthenticationOptions();
        Apply(options, host);
        return options;
    }

    /// <summary>Sets the options of one connection: versions, names, the check of the server's certificate, and the client's own.</summary>
    /// <param name="options">The options.</param>
    /// <param name="host">The host name of the address.</param>
    public void Apply(SslClientAuthenticationOptions options, string host)
    {
        options.TargetHost = Settings.ServerName ?? host;
        options.EnabledSslProtocols = Protocols;
        options.CertificateRevocationCheckMode = X509RevocationMode.NoCheck;
        options.RemoteCertificateValidationCallback = Validation(host);

        if (CertificateContext is { } own)
            options.ClientCertificateContext = own;
        else
            options.LocalCertificateSelectionCallback = Selection;
    }

    /// <summary>The versions of TLS that are used.</summary>
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Makes the check of the server's certificate, for libraries that have a place for nothing else.</summary>
    /// <param name="host">The host name of the address.</param>
    /// <returns>A callback that throws an <see cref="AuthenticationException"/> that names the failed checks.</returns>
    public RemoteCertificateValidationCallback Validation(string host) => (_, certificate, chain, _) =>
    {
        Check(host, certificate, chain);
        return true;
    };

    /// <summary>Chooses the client's certificate, for libraries that have a place for nothing else.</summary>
    /// <returns>The certificate; <c>null</c> if there is none.</returns>
    public X509Certificate Selection(
        object sender, string targetHost, X509CertificateCollection localCertificates, X509Certificate? remoteCertificate,
        string[] acceptableIssuers)
    {
        // It is known before the server says whether it asks for one.
        _isAsked = remoteCertificate is not null && _certificate is null;
        return Certificate!;
    }

    /// <summary>
    /// Checks a server's certificate: that it was issued by an authority that is trusted, for the right name, and is valid now.
    /// </summary>
    /// <param name="host">The host name of the address.</param>
    /// <param name="certificate">What the server has shown.</param>
    /// <param name="chain">The chain that the handshake has built.</param>
    /// <exception cref="AuthenticationException">A check failed; the message says which.</exception>
    public void Check(string host, X509Certificate? certificate, X509Chain? chain)
    {
        if (Settings.AllowUntrusted)
            return;

        if (certificate is null)
            throw new CertificateRefusedException($"The server {host} has shown no certificate.");

        var problems = CertificateCheck.Problems(
            certificate as X509Certificate2 ?? new X509Certificate2(certificate),
            chain?.ChainPolicy.ExtraStore ?? [],
            _authorities?.Current,
            AuthorityPath is null ? "the authorities that this machine trusts" : $"the authorities in {AuthorityPath}",
            (Settings.ServerName ?? host).Trim('[', ']'));

        if (problems.Count > 0)
            throw new CertificateRefusedException($"The certificate of {host} is refused. {string.Join(' ', problems)} {Remedy(problems)}");
    }

    /// <summary>Says why a connection failed, if TLS is the reason.</summary>
    /// <param name="exception">What the library that connects has thrown.</param>
    /// <returns>A sentence or two, or <c>null</c> if the reason is another.</returns>
    public string? Explain(Exception exception)
    {
        var chain = Causes(exception).ToList();

        if (chain.OfType<CertificateRefusedException>().FirstOrDefault() is { } refused)
            return refused.Message;

        if (chain.Select(cause => Reason(cause.Message)).FirstOrDefault(reason => reason is not null) is { } known)
            return known;

        // TLS 1.3 has the server say No only after the client takes the handshake for done.
        if (_isAsked && chain.Any(cause => cause is IOException or AuthenticationException) && !chain.Any(IsUnreachable))
            return Wanted;

        return chain.OfType<AuthenticationException>().FirstOrDefault()?.Message;
    }

    static bool IsUnreachable(Exception exception) => exception is SocketException { SocketErrorCode: not SocketError.ConnectionReset };

    internal CertificateLog? Log { get; set; }

    /// <summary>Reads the files again if they have changed.</summary>
    public void Refresh() => _ = Read().Count();

    /// <summary>Reads the files.</summary>
    /// <exception cref="CertificateFileException">They cannot be used, and never could.</exception>
    internal IEnumerable<NamedCertificate> Read()
    {
        foreach (var authority in _authorities?.Current ?? [])
            yield return new($"{Section}:{nameof(Settings.CertificateAuthority)}", AuthorityPath!, authority);

        if (Certificate is { } own)
            yield return new($"{Section}:{nameof(Settings.Certificate)}", CertificatePath!, own);
    }

    string Wanted => $"The server wants a client certificate, and {Section}:Certificate is not set. "
        + "Name the file of one that the server's authorities have issued.";

    void Watch<T>(WatchedFiles<T>? files)
        where T : class
    {
        if (files is null)
            return;

        files.Refused = exception => Log?.Kept(Section, exception);
        files.Changed = () =>
        {
            Interlocked.Increment(ref _version);
            Log?.Changed(Section);
        };
    }

    string Remedy(IReadOnlyList<string> problems) => problems switch
    {
        [var first, ..] when first.StartsWith("Unknown CA", StringComparison.Ordinal) =>
            $"Name the file of its authority in {Section}:CertificateAuthority.",
        [var first] when first.StartsWith("Wrong name", StringComparison.Ordinal) =>
            TakesServerName
                ? $"Connect to a name that it is for, or set {Section}:ServerName to one."
                : "Connect to a name that it is for, and have the server advertise that.",
        _ => "Have the server show another.",
    };

    // What the other side says against us comes as an alert of TLS, in the words of OpenSSL.
    string? Reason(string message)
    {
        bool Tells(string text) => message.Contains(text, StringComparison.OrdinalIgnoreCase);

        return
            _certificate is null && (Tells("certificate required") || Tells("requires a valid client certificate")) ? Wanted
            : _certificate is null && _isAsked && Tells("handshake failure") ? Wanted
            : _certificate is not null && Alerts.FirstOrDefault(Tells) is { } alert
                ? $"The server refuses the client certificate of {CertificatePath}: {alert}. "
                    + "Use one that is valid and that the server's authorities have issued."
            : NotTls.Any(Tells)
                ? "The server does not speak TLS at this port. Switch it on there, or use the port of its TLS listener."
            : null;
    }

    static readonly string[] Alerts =
    [
        "alert certificate required", "alert bad certificate", "alert unknown ca", "alert certificate expired", "alert certificate unknown",
        "alert certificate revoked", "alert unsupported certificate", "alert handshake failure",
    ];

    static readonly string[] NotTls =
    [
        "wrong version number", "Cannot determine the frame size", "unexpected message", "packet length too long",
        "No SSL enabled connection",
    ];

    static IEnumerable<Exception> Causes(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AggregateException { InnerExceptions.Count: > 1 } several)
            {
                foreach (var inner in several.InnerExceptions.SelectMany(Causes))
                    yield return inner;
            }

            yield return cause;
        }
    }
}
