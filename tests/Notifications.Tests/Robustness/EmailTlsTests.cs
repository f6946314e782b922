namespace MaestroBus.Notifications.Tests;

/// <summary>
/// TLS to a real mail server, with STARTTLS and from the first byte on: what is not right gets no mail, and is never followed by plain
/// text.
/// </summary>
public sealed class EmailTlsTests : IDisposable
{
    static readonly string[] Hosts = ["localhost", "127.0.0.1"];

    readonly TemporaryFolder _folder = new();
    readonly TestAuthority _authority = new("Mail authority");
    readonly TestAuthority _other = new("Another authority");

    public EmailTlsTests()
    {
        File.WriteAllText(_folder.At("ca.pem"), _authority.Pem);
        File.WriteAllText(_folder.At("other.pem"), _other.Pem);
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_certificate_of_the_named_authority_for_the_right_name_is_trusted(bool isImplicit)
    {
        using var certificate = _authority.Issue("mail", Hosts);
        await using var server = await SmtpServer.Start(Token, tls: new SmtpTls(certificate, isImplicit));
        await using var domain = await Start(server, isImplicit, ("Email:Tls:CertificateAuthority", _folder.At("ca.pem")));

        await domain.Sent(Scenario.To("email", "ada@example.com"));

        Assert.Single(server.Mails());
    }

    [Theory]
    [InlineData("unknown CA", false, "Unknown CA")]
    [InlineData("unknown CA", true, "Unknown CA")]
    [InlineData("self-signed", false, "Unknown CA")]
    [InlineData("self-signed", true, "Unknown CA")]
    [InlineData("expired", false, "Expired")]
    [InlineData("expired", true, "Expired")]
    [InlineData("wrong name", false, "Wrong name")]
    [InlineData("wrong name", true, "Wrong name")]
    public async Task A_wrong_certificate_gets_nothing_and_the_reason_is_told(string kind, bool isImplicit, string reason)
    {
        using var certificate = kind switch
        {
            "unknown CA" => _other.Issue("mail", Hosts),
            "self-signed" => TestAuthority.SelfSigned("mail", Hosts),
            "expired" => _authority.Issue("mail", Hosts, Now.AddDays(-9), Now.AddDays(-2)),
            _ => _authority.Issue("mail", ["mail.example.com"]),
        };
        await using var server = await SmtpServer.Start(Token, tls: new SmtpTls(certificate, isImplicit));
        await using var domain = await Start(server, isImplicit, ("Email:Tls:CertificateAuthority", _folder.At("ca.pem")));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
        Assert.Contains(reason, thrown.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(server.Mails());
    }

    [Fact]
    public async Task A_certificate_for_the_name_that_the_settings_say_is_trusted()
    {
        using var certificate = _authority.Issue("mail", ["mail.example.com"]);
        await using var server = await SmtpServer.Start(Token, tls: new SmtpTls(certificate));
        await using var domain = await Start(
            server, false, ("Email:Tls:CertificateAuthority", _folder.At("ca.pem")), ("Email:Tls:ServerName", "mail.example.com"));

        await domain.Sent(Scenario.To("email", "ada@example.com"));

        Assert.Single(server.Mails());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_wants_a_client_certificate_gets_mail_with_one_only(bool isImplicit)
    {
        using var certificate = _authority.Issue("mail", Hosts);
        using var client = _other.Issue("bus", []);
        var (own, key) = client.WriteTo(_folder, "client");
        await using var server = await SmtpServer.Start(Token, tls: new SmtpTls(certificate, isImplicit, _other));
        await using var without = await Start(server, isImplicit, ("Email:Tls:CertificateAuthority", _folder.At("ca.pem")));
        await using var with = await Start(
            server, isImplicit,
            ("Email:Tls:CertificateAuthority", _folder.At("ca.pem")), ("Email:Tls:Certificate", own), ("Email:Tls:Key", key));

        var thrown = await without.Thrown(Scenario.To("email", "ada@example.com"));
        await with.Sent(Scenario.To("email", "bob@example.com"));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
        Assert.Equal("bob@example.com", Assert.Single(server.Mails()).To.ToString());
    }

    [Theory]
    [InlineData("Email:Tls:Enabled", "true")]
    [InlineData("Email:Security", "StartTls")]
    [InlineData("Email:Security", "Tls")]
    [InlineData("Email:Tls:ServerName", "mail.example.com")]
    public async Task A_server_without_encryption_gets_nothing_where_encryption_is_demanded(string setting, string value)
    {
        await using var server = await SmtpServer.Start(Token);
        await using var domain = await Scenario.StartEmail(server, (setting, value));

        var thrown = await domain.Thrown(Scenario.To("email", "ada@example.com"));

        Assert.Equal(typeof(DependencyUnavailableException).FullName, thrown.ExceptionType);
        Assert.Empty(server.Mails());
    }

    [Fact]
    public async Task Settings_that_contradict_each_other_are_refused()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => Scenario.Start(
            ("Email:Host", "mail.example.com"), ("Email:From", "bus@example.com"), ("Email:Security", "None"),
            ("Email:Tls:Enabled", "true")));

        Assert.Contains(
            "Bus:Notifications:Email:Security is 'None'. The section Tls says otherwise. Leave one of them out.", exception.Message,
            StringComparison.Ordinal);
    }

    static Task<DomainHarness> Start(SmtpServer server, bool isImplicit, params (string, string)[] settings) =>
        Scenario.StartEmail(server, [("Email:Security", isImplicit ? "Tls" : "StartTls"), .. settings]);
}
