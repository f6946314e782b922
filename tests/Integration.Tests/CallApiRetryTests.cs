using Microsoft.AspNetCore.Http;

namespace MaestroBus.Integration.Tests;

public sealed class CallApiRetryTests
{
    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task An_idempotent_call_is_quickly_retried_twice(string method)
    {
        await using var api = await Api.Answering(503, 429, 200);
        await using var shop = await CallApiScenario.Start(api.Address);

        var answer = await shop.Succeeds(CallApiScenario.Call(method));

        Assert.Equal(200, answer.Status);
        Assert.Equal(3, api.Requests.Count);
        Assert.Single(api.Requests.Select(request => request.Headers["Idempotency-Key"]).Distinct());
    }

    [Fact]
    public async Task A_call_that_keeps_failing_goes_back_to_the_queue()
    {
        await using var api = await Api.Answering(500);
        await using var shop = await CallApiScenario.Start(api.Address);

        var fault = await shop.Faults(CallApiScenario.Call());

        Assert.Equal(3, api.Requests.Count);
        var exception = Assert.Single(fault.Exceptions);
        Assert.Equal(typeof(ApiUnavailableException).FullName, exception.ExceptionType);
        Assert.Equal("GET /orders/17 of 'shop' answered 500: An answer.", exception.Message);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PATCH")]
    public async Task A_call_that_may_not_be_repeated_quickly_goes_back_to_the_queue_after_one_try(string method)
    {
        await using var api = await Api.Answering(503, 200);
        await using var shop = await CallApiScenario.Start(api.Address);

        await shop.Faults(CallApiScenario.Call(method, body: "{}"));

        Assert.Single(api.Requests);
    }

    [Theory]
    [InlineData("1", 2)]
    [InlineData("3600", 1)]
    public async Task A_short_retry_after_is_waited_for_and_a_long_one_is_left_to_the_queue(string retryAfter, int tries)
    {
        var answered = 0;
        await using var api = await Api.Start(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref answered) == 1 ? 429 : 200;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.CompletedTask;
        });
        await using var shop = await CallApiScenario.Start(api.Address);

        if (tries > 1)
            await shop.Succeeds(CallApiScenario.Call());
        else
            await shop.Faults(CallApiScenario.Call());

        Assert.Equal(tries, api.Requests.Count);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task A_call_without_an_answer_in_time_goes_back_to_the_queue(string method)
    {
        await using var api = await Api.Start(context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));
        await using var shop = await CallApiScenario.Start(api.Address, ("Timeout", "5s"));

        var fault = await shop.Faults(CallApiScenario.Call(method));

        Assert.Equal($"{method} /orders/17 of 'shop' did not answer within 5 s.", Assert.Single(fault.Exceptions).Message);
        Assert.InRange(api.Requests.Count, 0, 1);
    }

    [Fact]
    public async Task An_answer_that_never_ends_counts_as_none()
    {
        await using var api = await Api.Start(async context =>
        {
            await context.Response.WriteAsync("The beginning");
            await context.Response.Body.FlushAsync();
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
        });
        await using var shop = await CallApiScenario.Start(api.Address, ("Timeout", "5s"));

        var fault = await shop.Faults(CallApiScenario.Call());

        Assert.Equal("GET /orders/17 of 'shop' did not answer within 5 s.", Assert.Single(fault.Exceptions).Message);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_left_to_the_queue()
    {
        await using var shop = await CallApiScenario.Start($"http://127.0.0.1:{Ports.Free()}");

        var fault = await shop.Faults(CallApiScenario.Call());

        Assert.Equal(typeof(ApiUnavailableException).FullName, Assert.Single(fault.Exceptions).ExceptionType);
        Assert.StartsWith("GET /orders/17 of 'shop' could not be reached: ", fault.Exceptions[0].Message, StringComparison.Ordinal);
    }
}
