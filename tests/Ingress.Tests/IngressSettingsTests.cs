namespace MaestroBus.Ingress.Tests;

public sealed class IngressSettingsTests
{
    [Theory]
    [InlineData("MaxBodySize", "10", "Bus:Ingress:MaxBodySize is '10'. Use a whole number of bytes from 1024 to 16777216.")]
    [InlineData("PublishTimeout", "0s", "Bus:Ingress:PublishTimeout is '00:00:00'. Use a duration from 100ms to 1m")]
    [InlineData("Priorities:push", "12", "The priority of 'push' is 12. Use a whole number from 0 to 9.")]
    [InlineData("Providers:github:Scheme", "soap", "Bus:Ingress:Providers:github:Scheme is 'soap'. Use one of GitHub, Stripe, Hmac.")]
    [InlineData("Providers:github:Scheme", null, "Bus:Ingress:Providers:github:Scheme is not set. Use github, stripe or hmac.")]
    [InlineData("Providers:github:Secret", null,
        "Bus:Ingress:Providers:github:Secret is not set. Use the secret that is agreed with the provider, 16 characters or more.")]
    [InlineData("Providers:github:Secret", "hunter2",
        "Bus:Ingress:Providers:github:Secret is '(hidden)'. Use the secret that is agreed with the provider, 16 characters or more.")]
    [InlineData("Providers:github:PreviousSecret", "hunter2", "Bus:Ingress:Providers:github:PreviousSecret is '(hidden)'.")]
    [InlineData("Providers:github:Tenant", "a b", "Bus:Ingress:Providers:github:Tenant is 'a b'. Use 1 to 64 letters")]
    [InlineData("Providers:github:TenantHeader", "X Tenant",
        "Bus:Ingress:Providers:github:TenantHeader is 'X Tenant'. Use the name of an HTTP header")]
    [InlineData(
        "Providers:github:EventIdField", "id", "Bus:Ingress:Providers:github:EventIdField is 'id'. It belongs to the scheme Hmac only")]
    [InlineData(
        "Providers:github:Tolerance", "1m", "Bus:Ingress:Providers:github:Tolerance is '00:01:00'. It belongs to the scheme Stripe only")]
    [InlineData("MaxDepth", "33", "Bus:Ingress:MaxDepth is '33'. Use a whole number of levels from 4 to 32.")]
    [InlineData("Providers:git hub:Secret", "sixteen-characters", "The provider 'git hub' cannot be called by that name.")]
    public async Task A_wrong_setting_stops_the_start_and_says_what_would_be_right(string setting, string? value, string expected)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Bus:Ingress:Providers:github:Scheme"] = "github",
            ["Bus:Ingress:Providers:github:Secret"] = "sixteen-characters",
            [$"Bus:Ingress:{setting}"] = value,
        };

        var problem = await Assert.ThrowsAsync<BusConfigurationException>(() =>
            DomainHarness.Start<IngressDomain>(settings.Where(pair => pair.Value is not null)));

        Assert.Contains(expected, problem.Message);
        Assert.DoesNotContain("hunter2", problem.Message);
    }

    [Fact]
    public async Task Without_settings_the_domain_starts_and_takes_webhooks_of_nobody()
    {
        await using var ingress = await DomainHarness.Start<IngressDomain>();

        Assert.Null(ingress.Services.GetRequiredService<WebhookProviders>().Find("github"));
    }
}
