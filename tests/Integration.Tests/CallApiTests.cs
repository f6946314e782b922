using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace MaestroBus.Integration.Tests;

public sealed class CallApiTests
{
    [Fact]
    public async Task A_call_reaches_the_address_with_method_path_headers_and_body()
    {
        await using var api = await Api.Start(context => context.Response.WriteAsJsonAsync(new { number = 17 }));
        await using var shop = await CallApiScenario.Start(api.Address + "/v1", ("Headers:Authorization", "Bearer secret"));

        var answer = await shop.Succeeds(CallApiScenario.Call(
            "post", "/orders?expand=lines", headers: new Dictionary<string, string> { ["X-Reason"] = "a push" },
            body: """{ "sku": "A1" }"""));

        var request = Assert.Single(api.Requests);
        Assert.Equal(("POST", "/v1/orders?expand=lines"), (request.Method, request.Path));
        Assert.Equal("A1", JsonElement.Parse(request.Body).GetProperty("sku").GetString());
        Assert.Equal("application/json; charset=utf-8", request.Headers["Content-Type"]);
        Assert.Equal("Bearer secret", request.Headers["Authorization"]);
        Assert.Equal("a push", request.Headers["X-Reason"]);
        Assert.Equal($"{CallApiScenario.FlowId}/lookup", request.Headers["Idempotency-Key"]);
        Assert.Equal((200, "shop", "lookup", "acme"), (answer.Status, answer.Address, answer.StepId, answer.TenantId));
        Assert.Equal(17, answer.Body!.Value.GetProperty("number").GetInt32());
        Assert.True(answer.Duration > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("POST", """{"a":1}""", "7")]
    [InlineData("PUT", """["Grüße"]""", "19")]
    [InlineData("PATCH", "17", "2")]
    [InlineData("POST", null, "0")]
    [InlineData("PUT", null, "0")]
    public async Task A_body_carries_its_length(string method, string? body, string length)
    {
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(api.Address);

        await shop.Succeeds(CallApiScenario.Call(method, body: body));

        var headers = Assert.Single(api.Requests).Headers;
        Assert.DoesNotContain("Transfer-Encoding", headers.Keys);
        Assert.Equal(length, headers["Content-Length"]);
    }

    [Fact]
    public async Task Nothing_of_the_bus_travels_with_a_call()
    {
        using var tracing = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(tracing);
        await using var api = await Api.Answering(200);
        await using var shop = await CallApiScenario.Start(api.Address);

        await shop.Succeeds(CallApiScenario.Call());

        Assert.Equal(["Host", "Idempotency-Key"],
            Assert.Single(api.Requests).Headers.Keys.Where(name => name != "Accept-Encoding").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("application/json", """{ "a": 1 }""", """{ "a": 1 }""")]
    [InlineData("application/problem+json; charset=utf-8", "[]", "[]")]
    [InlineData("application/json", "not json", "\"not json\"")]
    [InlineData("text/plain", "12", "\"12\"")]
    [InlineData("text/plain", "", null)]
    public async Task A_body_arrives_as_json_as_text_or_not_at_all(string contentType, string body, string? expected)
    {
        await using var api = await Api.Start(context =>
        {
            context.Response.ContentType = contentType;
            return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body)).AsTask();
        });
        await using var shop = await CallApiScenario.Start(api.Address);

        var answer = await shop.Succeeds(CallApiScenario.Call());

        Assert.Equal(expected is not null, answer.Body is not null);
        if (expected is not null)
            Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), answer.Body!.Value), answer.Body!.Value.GetRawText());
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task A_refused_call_fails_at_once_with_its_status_and_the_beginning_of_the_answer(int status)
    {
        await using var api = await Api.Start(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("There is\r\n  no such order. " + new string('x', 1000));
        });
        await using var shop = await CallApiScenario.Start(api.Address);

        var failure = await shop.Fails(CallApiScenario.Call());

        Assert.Equal(status, failure.Status);
        Assert.StartsWith($"'shop' answered {status}: There is no such order. xxx", failure.Reason, StringComparison.Ordinal);
        Assert.InRange(failure.Reason.Length, 300, 330);
        Assert.Single(api.Requests);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await Api.Answering(200);
        await using var api = await Api.Start(context =>
        {
            context.Response.Redirect(elsewhere.Address + "/stolen");
            return Task.CompletedTask;
        });
        await using var shop = await CallApiScenario.Start(api.Address);

        var failure = await shop.Fails(CallApiScenario.Call());

        Assert.Equal(302, failure.Status);
        Assert.Contains($"redirect to {elsewhere.Address}/stolen", failure.Reason, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public async Task A_longer_answer_than_allowed_fails_the_call(int size, bool succeeds)
    {
        await using var api = await Api.Start(context => context.Response.WriteAsync(new string('x', size)));
        await using var shop = await CallApiScenario.Start(api.Address, ("MaxResponseSize", "1000"));

        if (succeeds)
        {
            Assert.Equal(size, (await shop.Succeeds(CallApiScenario.Call())).Body!.Value.GetString()!.Length);
            return;
        }

        Assert.Equal(
            "The answer of 'shop' is longer than 1000 bytes. Ask for less, or raise Bus:Integration:Addresses:shop:MaxResponseSize.",
            (await shop.Fails(CallApiScenario.Call())).Reason);
    }
}
