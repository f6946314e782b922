using System.Net.Http.Json;

namespace Maestro.Bus.Template.Tests;

/// <summary>Everything that holds for a generated bus, shown on the default shape.</summary>
public sealed class AcmeTests(AcmeBus acme, TemplatePackage package) : IClassFixture<AcmeBus>
{
    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("OrderV2.Tests")]
    [InlineData("Ingress.Tests")]
    [InlineData("Architecture.Tests")]
    public Task The_default_shape_passes_the_tests_of(string project) => acme.Bus.Test(project);

    [Fact]
    public async Task The_default_shape_s_tool_is_the_engine_s()
    {
        (await acme.Bus.DotNet("tool", "restore", "--verbosity", "quiet")).Succeeded();

        Assert.Contains(package.Version, (await acme.Bus.DotNet("maestro", "--version")).Succeeded(), StringComparison.Ordinal);
    }

    /// <summary>The build of the shape checks the other rules of style; the order of usings depends on the solution's name.</summary>
    [Theory]
    [InlineData("whitespace")]
    [InlineData("style", "--diagnostics", "IDE0005")]
    public async Task The_default_shape_is_formatted(params string[] what) =>
        (await acme.Bus.DotNet(["format", .. what, "--verify-no-changes", "--no-restore"])).Succeeded();

    [Fact]
    public async Task The_default_shape_s_running_host_lists_the_added_domain_s_queue()
    {
        var address = $"http://127.0.0.1:{Ports.Free()}";
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        await using var host = ServerProcess.Start(
            "the generated host", "dotnet", ["run", "--project", "src/Host", "--no-build", "--", "--urls", address], "",
            workingDirectory: acme.Bus.Root);

        await host.Ready(async token => await Answers(client, token), StartLimit, TestContext.Current.CancellationToken);
        client.DefaultRequestHeaders.Add("X-Api-Key", acme.Bus.Read("src/Host/data/development.key").Trim());
        var domains = await client.GetFromJsonAsync<List<Domain>>("/domains", TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                new("Analytics", "analytics-events", "sqlite"),
                new("Ingress", "ingress-events", "sqlite"),
                new("Integration", "integration-tasks", "sqlite"),
                new("Notifications", "notifications", "sqlite"),
                new("Orchestration", "orchestration-flows", "sqlite"),
                new("OrderV2", "order-v2", "sqlite"),
            ],
            domains);
    }

    static async Task<bool> Answers(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync("/health/ready", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    sealed record Domain(string Name, string Queue, string Transport);
}
