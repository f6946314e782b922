using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Maestro.Bus.Messaging.Tests;

public sealed class TlsClientTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TestAuthority _authority = new("right");
    readonly TestAuthority _other = new("other");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    string Authority
    {
        get
        {
            File.WriteAllText(_folder.At("ca.pem"), _authority.Pem);
            return _folder.At("ca.pem");
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_the_named_authority_for_the_host_that_is_valid_is_accepted()
    {
        using var certificate = _authority.Issue("server", ["localhost"]);

        Assert.Null(await Connect(certificate, new TlsSettings { CertificateAuthority = Authority }));
    }

    [Fact]
    public async Task A_file_may_name_several_authorities()
    {
        File.WriteAllText(_folder.At("both.pem"), _other.Pem + Environment.NewLine + _authority.Pem);
        using var certificate = _authority.Issue("server", ["localhost"]);

        Assert.Null(await Connect(certificate, new TlsSettings { CertificateAuthority = _folder.At("both.pem") }));
    }

    [Fact]
    public async Task A_self_signed_certificate_is_refused_unless_it_is_named_itself()
    {
        using var certificate = TestAuthority.SelfSigned("attacker", ["localhost"]);
        File.WriteAllText(_folder.At("self.pem"), certificate.Pem);

        Assert.StartsWith(
            "The certificate of localhost is refused. Unknown CA: it is self-signed (CN=attacker)",
            await Connect(certificate, new TlsSettings()), StringComparison.Ordinal);
        Assert.Null(await Connect(certificate, new TlsSettings { CertificateAuthority = _folder.At("self.pem") }));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        using var certificate = _other.Issue("server", ["localhost"]);

        Assert.Contains(
            "Unknown CA: it was issued by CN=other",
            await Connect(certificate, new TlsSettings { CertificateAuthority = Authority }), StringComparison.Ordinal);
        Assert.Contains(
            "the authorities that this machine trusts", await Connect(certificate, new TlsSettings()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_expired_or_is_not_valid_yet_is_refused()
    {
        using var expired = _authority.Issue("server", ["localhost"], Now.AddDays(-3), Now.AddDays(-2));
        using var early = _authority.Issue("server", ["localhost"], Now.AddDays(2), Now.AddDays(3));
        var settings = new TlsSettings { CertificateAuthority = Authority };

        Assert.Contains("Expired: it was valid until", await Connect(expired, settings), StringComparison.Ordinal);
        Assert.Contains("Not valid yet: it is valid from", await Connect(early, settings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused_unless_the_name_is_configured()
    {
        using var certificate = _authority.Issue("server", ["rabbit.example.com", "10.1.2.3"]);

        Assert.Equal(
            "The certificate of localhost is refused. Wrong name: it is for rabbit.example.com, 10.1.2.3, and not for localhost. "
            + "Connect to a name that it is for, or set Bus:Test:Tls:ServerName to one.",
            await Connect(certificate, new TlsSettings { CertificateAuthority = Authority }));
        Assert.Null(await Connect(certificate, new TlsSettings { CertificateAuthority = Authority, ServerName = "rabbit.example.com" }));
    }

    [Fact]
    public async Task Whatever_is_wrong_with_a_certificate_is_told_at_once()
    {
        using var certificate = TestAuthority.SelfSigned("attacker", ["evil.example.com"], Now.AddDays(-3), Now.AddDays(-2));

        var problem = await Connect(certificate, new TlsSettings { CertificateAuthority = Authority });

        Assert.Contains("Unknown CA", problem, StringComparison.Ordinal);
        Assert.Contains("Expired", problem, StringComparison.Ordinal);
        Assert.Contains("Wrong name", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_certificate_is_accepted_where_AllowUntrusted_says_so()
    {
        using var certificate = TestAuthority.SelfSigned("attacker", ["evil.example.com"], Now.AddDays(-3), Now.AddDays(-2));

        Assert.Null(await Connect(certificate, new TlsSettings { AllowUntrusted = true }));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_server_that_wants_a_client_certificate_is_shown_one_and_else_it_is_told(SslProtocols protocol)
    {
        using var server = _authority.Issue("server", ["localhost"]);
        using var client = _authority.Issue("client", []);
        var (certificate, key) = client.WriteTo(_folder, "client");
        await using var listener = new TlsListener(server.Certificate, wantsCertificate: true, protocol);

        Assert.Equal(
            "The server wants a client certificate, and Bus:Test:Tls:Certificate is not set. "
            + "Name the file of one that the server's authorities have issued.",
            await Connect(listener, Client(new TlsSettings { CertificateAuthority = Authority })));
        var settings = new TlsSettings { CertificateAuthority = Authority, Certificate = certificate, Key = key };
        Assert.Null(await Connect(listener, Client(settings)));
        Assert.Equal(client.Certificate.SerialNumber, Assert.Single(listener.Shown));
    }

    [Fact]
    public async Task A_port_without_TLS_is_told()
    {
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        var answer = Task.Run(
            async () =>
            {
                using var accepted = await plain.AcceptTcpClientAsync(Cancellation);
                await accepted.GetStream().WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), Cancellation);
                await accepted.GetStream().ReadExactlyAsync(new byte[5], Cancellation);
            },
            Cancellation);

        Assert.StartsWith(
            "The server does not speak TLS at this port.",
            await Connect(((IPEndPoint)plain.LocalEndpoint).Port, Client(new TlsSettings())), StringComparison.Ordinal);
        await answer;
    }

    [Fact]
    public async Task Changed_files_are_used_by_the_next_connection_and_half_written_ones_are_not()
    {
        using var first = _authority.Issue("server", ["localhost"]);
        using var second = _other.Issue("server", ["localhost"]);
        using var one = _authority.Issue("client", []);
        using var two = _authority.Issue("client", []);
        var (certificate, key) = one.WriteTo(_folder, "client");
        await using var listener = new TlsListener(first.Certificate, wantsCertificate: true);
        var client = Client(new TlsSettings { CertificateAuthority = Authority, Certificate = certificate, Key = key });
        var log = new LogLines();
        client.Log = new CertificateLog(log);

        Assert.Null(await Connect(listener, client));

        // The server has a new authority, which the file is being given.
        listener.Certificate = second.Certificate;
        File.WriteAllText(_folder.At("ca.pem"), _other.Pem[..100]);
        Assert.Contains("Unknown CA", await Connect(listener, client), StringComparison.Ordinal);
        Assert.Contains("Unknown CA", await Connect(listener, client), StringComparison.Ordinal);
        File.WriteAllText(_folder.At("ca.pem"), _other.Pem);
        Assert.Null(await Connect(listener, client));

        // A client certificate is there before its key.
        File.WriteAllText(certificate, two.Pem);
        Assert.Null(await Connect(listener, client));
        Assert.Equal(one.Certificate.SerialNumber, listener.Shown.Last());
        File.WriteAllText(key, two.Key);
        Assert.Null(await Connect(listener, client));
        Assert.Equal(two.Certificate.SerialNumber, listener.Shown.Last());

        Assert.Equal(2, client.Version);
        Assert.Collection(
            log.All,
            line => Assert.Contains("ca.pem'. It holds no certificate.", line, StringComparison.Ordinal),
            line => Assert.Contains("new connections use them", line, StringComparison.Ordinal),
            line => Assert.Contains("client.key'. It holds no private key that belongs to the certificate", line, StringComparison.Ordinal),
            line => Assert.Contains("new connections use them", line, StringComparison.Ordinal));
    }

    TlsClient Client(TlsSettings settings) => new("Bus:Test:Tls", settings, _folder.Path);

    async Task<string?> Connect(TestCertificate certificate, TlsSettings settings)
    {
        await using var listener = new TlsListener(certificate.Certificate);
        return await Connect(listener, Client(settings));
    }

    static Task<string?> Connect(TlsListener listener, TlsClient client) => Connect(listener.Port, client);

    static async Task<string?> Connect(int port, TlsClient client)
    {
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(IPAddress.Loopback, port, Cancellation);
            await using var stream = new SslStream(connection.GetStream());
            await stream.AuthenticateAsClientAsync(client.Options("localhost"), Cancellation);
            return await stream.ReadAsync(new byte[1], Cancellation) == 1
                ? null
                : client.Explain(new IOException("The server has closed the connection."));
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException)
        {
            return client.Explain(exception) ?? throw new InvalidOperationException("It is not explained.", exception);
        }
    }
}
