namespace MaestroBus.Integration.Tests;

public sealed class CallApiRefusalTests
{
    const string BaseAddressRule =
        "Use an http or https address without user, query or fragment, such as https://api.example.com/v1.";

    const string HeaderRule = "Use a request header's name with a value on one line.";

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
    [InlineData("/orders/%252e%252e/admin")]
    [InlineData("/orders/%25252e%25252e%25252fadmin")]
    [InlineData("/orders/..;/admin")]
    [InlineData("/orders/..;a=b/admin")]
    [InlineData("/orders/..%3b/admin")]
    [InlineData("/orders/..%5cadmin")]
    [InlineData("/orders/..%255cadmin")]
    [InlineData("/orders/.. /admin")]
    [InlineData("/%2fevil.example/orders")]
    [InlineData("/orders/./../admin")]
    [InlineData("/orders%0d%0aX-Evil: 1")]
    [InlineData("/orders%00")]
    [InlineData("file:///etc/passwd")]
    [InlineData("///evil.example")]
    public async Task A_path_that_would_leave_the_address_is_not_called(string path)
    {
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(api.Address + "/v1/");

        var failure = await shop.Fails(CallApiScenario.Call(path: path));

        Assert.Null(failure.Status);
        Assert.Equal($"'{path}' is not a path under 'shop'. Use a path such as /orders/17?expand=lines, without '..', scheme or host.",
            failure.Reason);
        Assert.Empty(api.Requests);
    }

    [Theory]
    [InlineData("", "/v1/")]
    [InlineData("/", "/v1/")]
    [InlineData("orders", "/v1/orders")]
    [InlineData("/users:17/@me", "/v1/users:17/@me")]
    [InlineData("@evil.example/orders", "/v1/@evil.example/orders")]
    [InlineData(":8080/orders", "/v1/:8080/orders")]
    [InlineData("/a%20b/100%25/c;d=e", "/v1/a%20b/100%25/c;d=e")]
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
    [InlineData(
        "Idempotency-Key", "1", "The header 'Idempotency-Key' cannot be sent. Use a request header's name with a value on one line.")]
    [InlineData("X-Note", "a\r\nX-Evil: 1", "The header 'X-Note' cannot be sent. Use a request header's name with a value on one line.")]
    [InlineData("host", "evil.example", "The header 'host' cannot be sent. Use a request header's name with a value on one line.")]
    [InlineData("Transfer_Encoding", "chunked",
        "The header 'Transfer_Encoding' cannot be sent. Use a request header's name with a value on one line.")]
    [InlineData("X-Note", "Grüße", "The header 'X-Note' cannot be sent. Use a request header's name with a value on one line.")]
    [InlineData("X Note", "a", "The header 'X Note' cannot be sent. Use a request header's name with a value on one line.")]
    public async Task A_header_that_is_not_the_flows_to_set_is_refused(string name, string value, string reason)
    {
        await using var shop = await CallApiScenario.Start("http://localhost:1", ("Headers:Authorization", "Bearer secret"));

        var failure = await shop.Fails(CallApiScenario.Call(headers: new Dictionary<string, string> { [name] = value }));

        Assert.Equal(reason, failure.Reason);
    }

    [Theory]
    [InlineData("Cookie")]
    [InlineData("cookie2")]
    [InlineData("Forwarded")]
    [InlineData("Via")]
    [InlineData("X-Forwarded-For")]
    [InlineData("x-forwarded-host")]
    [InlineData("X_Forwarded_For")]
    [InlineData("X-Forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("X-Original-URL")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Authorization")]
    [InlineData("X-Api-Key")]
    [InlineData("traceparent")]
    public async Task A_flow_sets_no_header_of_forwarding_cookies_or_credentials(string name)
    {
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(api.Address);

        var failure = await shop.Fails(CallApiScenario.Call(headers: new Dictionary<string, string> { [name] = "127.0.0.1" }));

        Assert.Equal(
            $"The header '{name}' is not a flow's to set. Configure it under Bus:Integration:Addresses:shop:Headers, or leave it out.",
            failure.Reason);
        Assert.Empty(api.Requests);
    }

    [Fact]
    public async Task Headers_and_a_path_that_are_too_long_are_refused()
    {
        await using var shop = await CallApiScenario.Start("http://localhost:1");
        var headers = Enumerable.Range(0, 17).ToDictionary(number => $"X-Note-{number}", _ => new string('x', 1000));

        var failure = await shop.Fails(CallApiScenario.Call(headers: headers));

        Assert.Equal("The headers have 17143 characters. Use up to 16384, or raise Bus:Integration:MaxHeadersSize.", failure.Reason);
    }

    [Theory]
    [InlineData(299, 394, null)]
    [InlineData(300, 394, "The path has 301 characters. Use up to 300, or raise Bus:Integration:MaxPathLength.")]
    [InlineData(299, 395, "The headers have 401 characters. Use up to 400, or raise Bus:Integration:MaxHeadersSize.")]
    public async Task The_bounds_of_paths_and_headers_can_be_set(int path, int header, string? refusal)
    {
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(
            api.Address, ("Bus:Integration:MaxPathLength", "300"), ("Bus:Integration:MaxHeadersSize", "400"));
        var headers = new Dictionary<string, string> { ["X-Note"] = new string('x', header) };
        var call = CallApiScenario.Call(path: "/" + new string('x', path), headers: headers);

        if (refusal is null)
            await shop.Succeeds(call);
        else
            Assert.Equal(refusal, (await shop.Fails(call)).Reason);

        Assert.Equal(refusal is null ? 1 : 0, api.Requests.Count);
    }

    [Fact]
    public async Task A_path_that_is_too_long_is_refused()
    {
        await using var shop = await CallApiScenario.Start("http://localhost:1");

        var failure = await shop.Fails(CallApiScenario.Call(path: "/" + new string('x', 8192)));

        Assert.Equal("The path has 8193 characters. Use up to 8192, or raise Bus:Integration:MaxPathLength.", failure.Reason);
    }

    [Fact]
    public async Task A_body_that_is_not_text_is_refused_before_the_call()
    {
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(api.Address);

        var request = ApiRequest.Of(
            CallApiScenario.Call("POST", body: """{"s":"\ud83d half"}"""), shop.Services.GetRequiredService<ApiAddresses>(),
            out var problem);

        Assert.Null(request);
        Assert.StartsWith("The body holds half a surrogate pair", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_without_an_address_is_invalid()
    {
        await using var shop = await CallApiScenario.Start("http://localhost:1");

        var fault = await shop.Faults(CallApiScenario.Call(address: null!));

        Assert.Equal(typeof(InvalidMessageException).FullName, fault.Exceptions[0].ExceptionType);
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
            $"""
            The bus cannot start: 5 settings are wrong.
              - Bus:Integration:Addresses:shop:MaxResponseSize is '0'. Use a whole number of bytes from 1 to 268435456.
              - Bus:Integration:Addresses:shop:BaseAddress is 'ftp://example.com/'. {BaseAddressRule}
              - Bus:Integration:Addresses:shop:Timeout is '00:00:00'. Use a duration over 0s and up to 1h, such as 10s.
              - Bus:Integration:Addresses:shop:OverallTimeout is '02:00:00'. Use a duration from Timeout to 1h, such as 30s.
              - Bus:Integration:Addresses:shop:Headers is '(hidden)'. The header 'X-Key' cannot be sent. {HeaderRule}
            """,
            exception.Message,
            ignoreLineEndingDifferences: true);
    }
}
