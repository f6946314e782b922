using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MaestroBus.Integration.Tests;

/// <summary>TLS to an API: what is not right gets no request, with the reason, and the key stays here.</summary>
public sealed class CallApiTlsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TestAuthority _authority = new("API authority");
    readonly TestAuthority _other = new("Another authority");

    public CallApiTlsTests() => File.WriteAllText(_folder.At("ca.pem"), _authority.Pem);

    static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_of_the_named_authority_for_the_right_name_is_trusted()
    {
        using var certificate = _authority.Issue("api", ["127.0.0.1"]);
        await using var api = await Start(certificate);
        await using var shop = await CallApiScenario.Start(api.Address, ("Tls:CertificateAuthority", _folder.At("ca.pem")));

        Assert.Equal(200, (await shop.Succeeds(CallApiScenario.Call())).Status);
    }

    [Theory]
    [InlineData("unknown CA", "Unknown CA")]
    [InlineData("self-signed", "Unknown CA")]
    [InlineData("expired", "Expired")]
    [InlineData("wrong name", "Wrong name")]
    [InlineData("machine", "Unknown CA")]
    public async Task A_wrong_certificate_gets_no_request_and_the_reason_is_told(string kind, string reason)
    {
        using var certificate = kind switch
        {
            "unknown CA" => _other.Issue("api", ["127.0.0.1"]),
            "self-signed" => TestAuthority.SelfSigned("api", ["127.0.0.1"]),
            "expired" => _authority.Issue("api", ["127.0.0.1"], Now.AddDays(-9), Now.AddDays(-2)),
            "machine" => _authority.Issue("api", ["127.0.0.1"]),
            _ => _authority.Issue("api", ["api.example.com"]),
        };
        await using var api = await Start(certificate);
        (string, string)[] settings = kind == "machine" ? [] : [("Tls:CertificateAuthority", _folder.At("ca.pem"))];
        await using var shop = await CallApiScenario.Start(api.Address, settings);

        var fault = await shop.Faults(CallApiScenario.Call());

        Assert.Equal(typeof(ApiUnavailableException).FullName, fault.Exceptions[0].ExceptionType);
        Assert.Contains(reason, fault.Exceptions[0].Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task An_API_that_wants_a_client_certificate_is_called_with_one_only()
    {
        using var certificate = _authority.Issue("api", ["127.0.0.1"]);
        using var client = _other.Issue("bus", []);
        var (own, key) = client.WriteTo(_folder, "client");
        await using var api = await Start(certificate, https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (shown, _, _) => shown.Thumbprint == client.Certificate.Thumbprint;
        });
        await using var without = await CallApiScenario.Start(api.Address, ("Tls:CertificateAuthority", _folder.At("ca.pem")));
        await using var with = await CallApiScenario.Start(
            api.Address, ("Tls:CertificateAuthority", _folder.At("ca.pem")), ("Tls:Certificate", own), ("Tls:Key", key));

        var fault = await without.Faults(CallApiScenario.Call());
        var answer = await with.Succeeds(CallApiScenario.Call());

        Assert.Equal(typeof(ApiUnavailableException).FullName, fault.Exceptions[0].ExceptionType);
        Assert.Equal(200, answer.Status);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task A_server_without_TLS_gets_no_request()
    {
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(
            api.Address.Replace("http:", "https:", StringComparison.Ordinal), ("Tls:CertificateAuthority", _folder.At("ca.pem")));

        var fault = await shop.Faults(CallApiScenario.Call());

        Assert.Equal(typeof(ApiUnavailableException).FullName, fault.Exceptions[0].ExceptionType);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Settings_of_TLS_for_an_address_without_it_are_refused()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(
            () => CallApiScenario.Start("http://api.example.com", ("Tls:CertificateAuthority", _folder.At("ca.pem"))));

        Assert.Contains("Bus:Integration:Addresses:shop:Tls holds settings, and TLS is off.", exception.Message, StringComparison.Ordinal);
    }

    static Task<Api> Start(TestCertificate certificate, Action<HttpsConnectionAdapterOptions>? more = null) => Api.Start(
        context => context.Response.WriteAsync("An answer."),
        "https://127.0.0.1:0",
        https =>
        {
            https.ServerCertificate = certificate.Certificate;
            more?.Invoke(https);
        });
}
