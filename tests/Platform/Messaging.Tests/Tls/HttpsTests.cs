using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Messaging.Tests;

public sealed class HttpsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly TestAuthority _root = new("root");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _root.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_https_address_shows_the_certificate_with_its_authorities_and_a_new_one_once_the_file_has_changed()
    {
        using var authority = new TestAuthority("intermediate", _root);
        using var other = new TestAuthority("other");
        using var first = authority.Issue("first", ["127.0.0.1"]);
        using var second = other.Issue("second", ["127.0.0.1"]);
        var (certificate, key) = first.WriteTo(_folder, "server");
        File.AppendAllText(certificate, Environment.NewLine + authority.Pem);
        await using var host = await Start(("Bus:Https:Certificate", certificate), ("Bus:Https:Key", key));

        Assert.Equal(HttpStatusCode.OK, await Get(host, _root));
        await Assert.ThrowsAsync<HttpRequestException>(() => Get(host, other));

        second.WriteTo(_folder, "server");
        Assert.Equal(HttpStatusCode.OK, await Get(host, other));
        await Assert.ThrowsAsync<HttpRequestException>(() => Get(host, _root));
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_used_stops_the_start()
    {
        var problem = await Assert.ThrowsAsync<BusConfigurationException>(() => Start(("Bus:Https:Certificate", "/nowhere.pem")));

        Assert.Contains("Bus:Https:Certificate is '/nowhere.pem'. There is no such file.", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production", "http://*:0", null, true)]
    [InlineData("Production", "http://0.0.0.0:0", null, true)]
    [InlineData("Production", "http://*:0", "10.0.0.7", false)]
    [InlineData("Production", "http://127.0.0.1:0", null, false)]
    [InlineData("Production", "http://localhost:5999;http://[::1]:5998", null, false)]
    [InlineData("Production", "https://*:0", null, false)]
    [InlineData("Development", "http://*:0", null, false)]
    public async Task Production_warns_of_addresses_at_which_keys_of_other_machines_arrive_unencrypted(
        string environment, string urls, string? proxy, bool warns)
    {
        var log = new LogLines();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("urls", urls)]).Build();
        if (proxy is not null)
            configuration["Bus:Access:Proxies:0"] = proxy;
        var settings = new HostApplicationBuilderSettings { EnvironmentName = environment };
        var named = ValidatedHost.CreateApplicationBuilder(settings).Environment;
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));

        var warning = new UnencryptedAddressWarning(configuration, named, loggers.CreateLogger<UnencryptedAddressWarning>());
        await warning.StartAsync(Cancellation);

        Assert.Equal(warns, log.Of(LogLevel.Warning).Count == 1);
        if (warns)
            Assert.StartsWith($"Keys can arrive unencrypted from other machines at {urls}.", log.All[0], StringComparison.Ordinal);
    }

    static async Task<WebApplication> Start(params (string Name, string Value)[] settings)
    {
        var builder = ValidatedHost.CreateWebBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "https://127.0.0.1:0";
        builder.Configuration["Bus:Transport"] = "memory";
        foreach (var (name, value) in settings)
            builder.Configuration[name] = value;
        builder.Services.AddBus(builder.Configuration, [new ProbeDomain()], []);
        var host = builder.Build();
        host.MapBus();
        await host.StartAsync(Cancellation);
        return host;
    }

    // Each call is a connection of its own.
    async Task<HttpStatusCode> Get(WebApplication host, TestAuthority authority)
    {
        File.WriteAllText(_folder.At("ca.pem"), authority.Pem);
        var tls = new TlsClient("Bus:Test:Tls", new TlsSettings { CertificateAuthority = _folder.At("ca.pem") }, _folder.Path);
        using var handler = new SocketsHttpHandler { SslOptions = tls.Options("127.0.0.1") };
        using var client = new HttpClient(handler);
        using var response = await client.GetAsync(new Uri(new Uri(host.Urls.First()), "/health/live"), Cancellation);
        return response.StatusCode;
    }
}
