using System.Net;

namespace Maestro.Bus.Access.Tests;

/// <summary>What is made of a request's origin and of what proxies have written into it.</summary>
public sealed class RequestTests
{
    const string Console = "https://console.example.com";

    static readonly Dictionary<string, string?> WithConsole = new() { ["Bus:Access:Origins:0"] = Console };

    [Theory]
    [InlineData("POST", "Sec-Fetch-Site", "cross-site")]
    [InlineData("POST", "Sec-Fetch-Site", "same-site")]
    [InlineData("POST", "Origin", "https://evil.example")]
    [InlineData("POST", "Origin", "null")]
    [InlineData("POST", "Origin", "http://127.0.0.1")]
    [InlineData("GET", "Origin", "https://evil.example")]
    [InlineData("GET", "Sec-Fetch-Site", "cross-site")]
    public async Task What_a_browser_sends_for_another_origin_s_page_is_refused(string method, string header, string value)
    {
        await using var server = await ProbeServer.Start();
        var path = method == "GET" ? "/reader" : "/client";

        var known = await server.Send(method, path, null, ("X-Api-Key", ProbeServer.AdminKey), (header, value));
        var unknown = await server.Send(method, path, null, (header, value));

        Assert.Equal((403, 403), (known.Status, unknown.Status));
        Assert.StartsWith("Pages of other origins are refused. ", known.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(known.Response.Headers, sent => sent.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task What_a_browser_sends_for_the_host_s_own_page_is_served()
    {
        await using var server = await ProbeServer.Start();
        var own = server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);

        Assert.Equal(200, (await server.Get("/reader", ProbeServer.AdminKey, ("Origin", own), ("Sec-Fetch-Site", "same-origin"))).Status);
        Assert.Equal(200, (await server.Get("/reader", ProbeServer.AdminKey, ("Sec-Fetch-Site", "none"))).Status);
        Assert.Equal(403, (await server.Get("/reader", ProbeServer.AdminKey, ("Origin", own), ("Origin", "https://evil.example"))).Status);
    }

    [Fact]
    public async Task A_configured_origin_is_served_and_told_so_and_no_other()
    {
        await using var server = await ProbeServer.Start(WithConsole);

        var ask = await server.Send(
            "OPTIONS", "/client", null, ("Origin", Console), ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "x-api-key,content-type"));
        Assert.Equal((204, Console), (ask.Status, Assert.Single(ask.Response.Headers.GetValues("Access-Control-Allow-Origin"))));
        var post = await server.Send(
            "POST", "/client", "{}", ("X-Api-Key", ProbeServer.ClientKey), ("Origin", Console), ("Sec-Fetch-Site", "cross-site"));
        Assert.Equal((200, Console), (post.Status, Assert.Single(post.Response.Headers.GetValues("Access-Control-Allow-Origin"))));
        var evil = await server.Send("POST", "/client", "{}", ("X-Api-Key", ProbeServer.ClientKey), ("Origin", "https://evil.example"));
        Assert.Equal((403, false), (evil.Status, evil.Response.Headers.Contains("Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task A_body_that_changes_something_must_be_JSON(string contentType)
    {
        await using var server = await ProbeServer.Start();

        var refused = await server.Send("POST", "/client", "{}", ("X-Api-Key", ProbeServer.ClientKey), ("Content-Type", contentType));

        Assert.Equal(
            (415, "The body is not JSON. Send it with the header Content-Type: application/json."), (refused.Status, refused.Problem));
        Assert.Equal(
            200, (await server.Send(
                "POST", "/client", "{}", ("X-Api-Key", ProbeServer.ClientKey), ("Content-Type", "application/cloudevents+json"))).Status);
        Assert.Equal(200, (await server.Send("POST", "/client", null, ("X-Api-Key", ProbeServer.ClientKey))).Status);
        Assert.Equal(200, (await server.Send("POST", "/hook", "a=b", ("Content-Type", contentType))).Status);
    }

    [Fact]
    public async Task A_body_of_unknown_length_must_be_JSON_too()
    {
        await using var server = await ProbeServer.Start();

        Assert.Equal(
            415, (await server.Send(
                "POST", "/client", "{}", ("X-Api-Key", ProbeServer.ClientKey), ("Content-Type", "text/plain"),
                    ("Transfer-Encoding", "chunked"))).Status);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Without_configured_proxies_forwarded_headers_count_for_nothing_also_if_the_framework_s_switch_is_on(string address)
    {
        await using var server = await ProbeServer.Start(arguments: "--ForwardedHeaders_Enabled=true");
        (string, string)[] headers = [("X-Forwarded-For", address), ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "bus.example.com"), ("Host", "localhost")];

        Assert.Equal(401, (await server.Get("/undeclared", null, headers)).Status);
        var seen = (await server.Get("/undeclared", ProbeServer.AdminKey, [("X-Forwarded-For", "203.0.113.7"), .. headers[1..]])).Seen;
        Assert.Equal(("127.0.0.1", "http://localhost", false), (seen.Address, seen.Url, seen.IsForwarded));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    public async Task A_configured_proxy_s_headers_are_used_up_to_the_last_address_that_is_not_a_proxy_s(string proxy)
    {
        await using var server = await ProbeServer.Start(
            new() { ["Bus:Access:Proxies:0"] = proxy, ["Bus:Access:Proxies:1"] = "10.1.0.0/16" },
                arguments: "--ForwardedHeaders_Enabled=true");

        var seen = (await server.Get(
            "/reader", ProbeServer.ReaderKey, ("X-Forwarded-For", "127.0.0.1, 203.0.113.7, 10.1.2.3"), ("X-Forwarded-Proto", "https"),
                ("X-Forwarded-Host", "bus.example.com"))).Seen;

        Assert.Equal(("203.0.113.7", "https://bus.example.com", true), (seen.Address, seen.Url, seen.IsForwarded));
        Assert.Equal(200, (await server.Get(
            "/reader", ProbeServer.ReaderKey, ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "bus.example.com"),
                ("X-Forwarded-For", "203.0.113.7"),
            ("Origin", "https://bus.example.com"))).Status);
    }

    [Fact]
    public async Task Another_address_than_a_configured_proxy_s_is_not_believed()
    {
        await using var server = await ProbeServer.Start(new() { ["Bus:Access:Proxies:0"] = "10.1.0.0/16" });

        var seen = (
            await server.Get("/reader", ProbeServer.ReaderKey, ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "https"))).Seen;

        Assert.Equal(("127.0.0.1", false), (seen.Address, seen.IsForwarded));
        Assert.StartsWith("http://127.0.0.1:", seen.Url, StringComparison.Ordinal);
    }

    [Fact]
    public void An_IPv4_address_is_known_in_its_IPv6_form_too()
    {
        var proxies = new TrustedProxies(new AccessSettings { Proxies = ["10.0.0.7", "2001:db8::/32"] });

        Assert.True(proxies.Include(IPAddress.Parse("::ffff:10.0.0.7")));
        Assert.True(proxies.Include(IPAddress.Parse("2001:db8::1")));
        Assert.False(proxies.Include(IPAddress.Parse("10.0.0.8")));
        Assert.False(proxies.Include(null));
    }
}
