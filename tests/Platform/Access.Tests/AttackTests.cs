using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Maestro.Bus.Access.Tests;

/// <summary>What an attacker has tried, on the whole host.</summary>
public sealed class AttackTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    static readonly object Takeover = new
    {
        specification = new
        {
            id = "takeover",
            steps = new[] { new { id = "erase", adapter = "http",
                input = new { address = "analytics", method = "DELETE", path = "/admin/schedules/usage-report" } } },
        },
        tenant = "acme",
        trigger = new { },
    };

    static string Program { get; } = typeof(global::Program).Assembly.Location;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task C01_a_stranger_starts_no_flow_and_an_operator_s_flow_does_not_become_an_administrator()
    {
        await using var host = new WholeHost("Development");
        var schedules = (await host.Get("admin", "/admin/schedules")).GetProperty("schedules").EnumerateArray().Select(
            schedule => schedule.GetProperty("name").GetString()!).ToList();
        Assert.NotEmpty(schedules);

        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Send(null, "POST", "/flows", Takeover)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.Send("reader", "POST", "/flows", Takeover)).StatusCode);
        using var started = await host.Send(
            "operator", "POST", "/flows", Flow("DELETE", $"/admin/schedules/{Uri.EscapeDataString(schedules[0])}"));
        using var asked = await host.Send("operator", "POST", "/flows", Flow("GET", "/domains"));

        var failed = await Ended(host, started);
        Assert.Equal("Failed", failed.GetProperty("state").GetString());
        Assert.Contains("403", failed.GetProperty("failure").GetString(), StringComparison.Ordinal);
        // The call as such works: it is the role that does not.
        Assert.Equal("Completed", (await Ended(host, asked)).GetProperty("state").GetString());
        Assert.Equal(
            schedules,
                (await host.Get("admin", "/admin/schedules")).GetProperty("schedules").EnumerateArray().Select(
                    schedule => schedule.GetProperty("name").GetString()!));
        foreach (var key in new[] { "development.key", "development-reader.key" })
            Assert.DoesNotContain((await File.ReadAllTextAsync(host.At(key), Cancellation)).Trim(), $"{failed}", StringComparison.Ordinal);

        static object Flow(string method, string path) => new
        {
            specification = new
            {
                id = "call",
                steps = new[] { new { id = "call", adapter = "http", input = new { address = "analytics", method, path } } }
            },
            tenant = "acme",
            trigger = new { },
        };
    }

    [Theory]
    [InlineData(null)]
    [InlineData("admin")]
    public async Task C02_a_page_of_another_origin_in_the_developer_s_browser_starts_no_flow(string? key)
    {
        await using var host = new WholeHost("Development");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/flows");
        request.Content = new StringContent(JsonSerializer.Serialize(Takeover), System.Text.Encoding.UTF8, "text/plain");
        foreach (var (
            name, value) in new[] { ("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors") })
            request.Headers.Add(name, value);
        if (key is not null)
            request.Headers.Add("X-Api-Key", WholeHost.Key(key));

        using var response = await host.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task C03_the_framework_s_switch_for_forwarded_headers_makes_nobody_local_and_two_hosts_that_start_at_once_make_one_key()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (Ports.Free(), Ports.Free());
        await using var one = Host(first);
        await using var two = Host(second);
        await one.Ready(limit => IsReady(first, limit), Patience, Cancellation);
        await two.Ready(limit => IsReady(second, limit), Patience, Cancellation);
        var key = (await File.ReadAllTextAsync(folder.At("development.key"), Cancellation)).Trim();

        foreach (var port in new[] { first, second })
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            foreach (var address in new[] { "127.0.0.1", "::1" })
                Assert.Equal(HttpStatusCode.Unauthorized, await Ask(client, ("X-Forwarded-For", address), ("Host", "localhost")));
            Assert.Equal(HttpStatusCode.OK, await Ask(client, ("X-Api-Key", key)));
        }

        ServerProcess Host(int port) => ServerProcess.Start(
            "The host", "dotnet", [Program, "--urls", $"http://127.0.0.1:{port}"], "nothing: it is built with the tests",
            new Dictionary<string, string>
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true",
                ["Bus__Transport"] = "memory",
                ["Bus__Data__Folder"] = folder.Path,
                ["Bus__Database__Path"] = folder.At($"{port}.db"),
            },
            AppContext.BaseDirectory);

        // It listens before it has started, and answers 503 so long.
        static async Task<bool> IsReady(int port, CancellationToken limit)
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            return await Ports.Accepts(port, limit)
                && (await client.GetAsync("/domains", limit)).StatusCode != HttpStatusCode.ServiceUnavailable;
        }

        static async Task<HttpStatusCode> Ask(HttpClient client, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/caller");
            foreach (var (name, value) in headers)
                request.Headers.TryAddWithoutValidation(name, value);
            using var response = await client.SendAsync(request, Cancellation);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task C08_a_stranger_gets_nothing_from_a_host_with_keys()
    {
        await using var host = new WholeHost("Production");

        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("POST", "/flows", Takeover),
            ("POST", "/notifications/bulk", new { tenant = "acme", channel = "internal", recipients = new[] { "Ada" }, text = "Hello" }),
            ("GET", "/notifications?tenant=acme", null),
            ("GET", "/analytics/usage?tenant=acme", null),
            ("GET", $"/journeys/{NewId.NextGuid()}", null),
            ("GET", "/domains", null),
        })
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.Send(null, method, path, body)).StatusCode);

        Assert.Equal(0, (await host.Get("admin", "/admin/jobs")).GetProperty("jobs").GetArrayLength());
    }

    static async Task<JsonElement> Ended(WholeHost host, HttpResponseMessage started)
    {
        Assert.True(started.StatusCode == HttpStatusCode.Accepted, await started.Content.ReadAsStringAsync(Cancellation));
        JsonElement flow = default;
        await Eventually.True(
            async () =>
            {
                using var found = await host.Send("operator", "GET", $"{started.Headers.Location}");
                if (!found.IsSuccessStatusCode)
                    return false;

                flow = await found.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
                return flow.GetProperty("state").GetString() is "Completed" or "Failed";
            },
            Patience, "the flow to end", Cancellation);
        return flow;
    }
}
