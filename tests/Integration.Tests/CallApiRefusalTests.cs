namespace MaestroBus.Integration.Tests;

public sealed class CallApiRefusalTests
{
    [Theory]
    [InlineData("../admin")]
    [InlineData("/orders/../../admin")]
    [InlineData("/orders/%2e%2E/admin")]
    [InlineData("/orders/..%2fadmin")]
    [InlineData("""\..\admin""")]
    [InlineData("//evil.example/orders")]
    [InlineData("http://evil.example/orders")]
    [InlineData("/https://evil.example/orders")]
    [InlineData("/orders\r\nX-Evil: 1")]
    public async Task A_path_that_would_leave_the_address_is_not_called(string path)
    {
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(api.Address + "/v1/");

        var failure = await shop.Fails(CallApiScenario.Call(path: path));

        Assert.Null(failure.Status);
        Assert.Equal($"'{path}' is not a path under 'shop'. Use a path such as /orders/17?expand=lines, without '..', scheme or host.", failure.Reason);
        Assert.Empty(api.Requests);
    }

    [Theory]
    [InlineData("", "/v1/")]
    [InlineData("/", "/v1/")]
    [InlineData("orders", "/v1/orders")]
    [InlineData("/users:17/@me", "/v1/users:17/@me")]
    [InlineData("/a..b/c?next=../x&url=http://y//z", "/v1/a..b/c?next=../x&url=http://y//z")]
    public async Task A_path_under_the_address_is_called(string path, string called)
    {
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(api.Address + "/v1");

        await shop.Succeeds(CallApiScenario.Call(path: path));

        Assert.Equal(called, Assert.Single(api.Requests).Path);
    }

    [Fact]
    public async Task An_unknown_address_is_refused_with_the_known_ones()
    {
        await using var shop = await CallApiScenario.Start("http://localhost:1");

        var failure = await shop.Fails(CallApiScenario.Call(address: "shpo"));

        Assert.Equal("'shpo' is not a configured address. Use shop, or configure it under Bus:Integration:Addresses.", failure.Reason);
    }

    [Fact]
    public async Task An_unknown_method_is_refused_with_the_known_ones()
    {
        await using var shop = await CallApiScenario.Start("http://localhost:1");

        var failure = await shop.Fails(CallApiScenario.Call("TRACE"));

        Assert.Equal("'TRACE' is not a method. Use DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT.", failure.Reason);
    }

    [Theory]
    [InlineData("authorization", "Bearer mine", "The address 'shop' sets the header 'authorization' itself. Leave it out of the call.")]
    [InlineData("Host", "evil.example", "The header 'Host' cannot be sent. Use a request header's name with a value on one line.")]
    [InlineData("Idempotency-Key", "1", "The header 'Idempotency-Key' cannot be sent. Use a request header's name with a value on one line.")]
    [InlineData("X-Note", "a\r\nX-Evil: 1", "The header 'X-Note' cannot be sent. Use a request header's name with a value on one line.")]
    [InlineData("X Note", "a", "The header 'X Note' cannot be sent. Use a request header's name with a value on one line.")]
    public async Task A_header_that_is_not_the_flows_to_set_is_refused(string name, string value, string reason)
    {
        await using var shop = await CallApiScenario.Start("http://localhost:1", ("Headers:Authorization", "Bearer secret"));

        var failure = await shop.Fails(CallApiScenario.Call(headers: new Dictionary<string, string> { [name] = value }));

        Assert.Equal(reason, failure.Reason);
    }

    [Fact]
    public async Task Wrong_settings_stop_the_start_and_name_themselves_but_no_secret()
    {
        var exception = await Assert.ThrowsAsync<BusConfigurationException>(() => CallApiScenario.Start(
            "ftp://example.com",
            ("Headers:X-Key", "secret\r\n"),
            ("Timeout", "0s"),
            ("OverallTimeout", "2h"),
            ("MaxResponseSize", "0")));

        Assert.Equal(
            """
            The bus cannot start: 5 settings are wrong.
              - Bus:Integration:Addresses:shop:MaxResponseSize is '0'. Use a whole number of bytes from 1 to 268435456.
              - Bus:Integration:Addresses:shop:BaseAddress is 'ftp://example.com/'. Use an http or https address without user, query or fragment, such as https://api.example.com/v1.
              - Bus:Integration:Addresses:shop:Timeout is '00:00:00'. Use a duration over 0s and up to 1h, such as 10s.
              - Bus:Integration:Addresses:shop:OverallTimeout is '02:00:00'. Use a duration from Timeout to 1h, such as 30s.
              - Bus:Integration:Addresses:shop:Headers is '(hidden)'. The header 'X-Key' cannot be sent. Use a request header's name with a value on one line.
            """,
            exception.Message,
            ignoreLineEndingDifferences: true);
    }
}
