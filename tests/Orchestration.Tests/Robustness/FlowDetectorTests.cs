using Microsoft.Extensions.Logging;

namespace MaestroBus.Orchestration.Tests;

/// <summary>Flows whose step nothing comes of.</summary>
public sealed class FlowDetectorTests
{
    const string Calls =
        """{ "id": "order", "steps": [{ "id": "call", "adapter": "http", "input": { "address": "shop" } }] }""";

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly Stopwatches _time = new();
    readonly LogLines _log = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flow_whose_message_is_lost_is_reported_after_an_hour_fails_after_a_day_and_goes_on_if_an_answer_comes_after_all()
    {
        await using var flow = await Start();
        await flow.Run(Calls);
        await flow.Called("call");

        _time.Advance(TimeSpan.FromMinutes(61));
        await Logged("1 flows have waited for longer than 01:00:00. The oldest is " + flow.FlowId);
        _time.Advance(TimeSpan.FromHours(22));
        await Logged("1 flows have waited for longer than 01:00:00.", 2);
        Assert.Equal("call", (await flow.In("Running")).Step);

        _time.Advance(TimeSpan.FromHours(2));
        var failed = await flow.In("Failed");
        Assert.StartsWith("Nothing has come of the step 'call' since 2026-11-29 12:00:00Z", failed.Failure, StringComparison.Ordinal);
        Assert.Contains("was lost, or has waited for longer than 1.00:00:00 for a queue that is paused", failed.Failure);
        Assert.Equal("call", (await flow.Published<FlowFailed>()).StepId);
        Assert.Null(failed.WaitingSince);
        await Logged("No flow has waited for long any more");

        await flow.Answer("call", "{}");
        Assert.Equal("1", Assert.Single((await flow.In("Completed")).History, entry => entry.Event == "StepRetried").Detail);
    }

    [Fact]
    public async Task A_flow_that_goes_on_is_not_silent_however_long_it_takes()
    {
        await using var flow = await Start();
        await flow.Run("""
            {
              "id": "order",
              "steps": [
                { "id": "one", "adapter": "http", "input": { "address": "shop" } },
                { "id": "two", "adapter": "http", "input": { "address": "shop" } }
              ]
            }
            """);
        await flow.Called("one");
        _time.Advance(TimeSpan.FromHours(23));
        await flow.Answer("one", "{}");
        await flow.Called("two");
        _time.Advance(TimeSpan.FromHours(23));
        await Logged("flows have waited for longer than");

        Assert.Equal(_time.Now.AddHours(-23).ToUnixTimeMilliseconds(), (await flow.In("Running")).WaitingSince);
        Assert.Empty(flow.All<FlowSilent>());
        await flow.Answer("two", "{}");
        await flow.In("Completed");
    }

    [Fact]
    public async Task A_clock_that_is_wrong_for_a_while_fails_no_flow()
    {
        await using var flow = await Start();
        await flow.Run(Calls);
        await flow.Called("call");

        _time.Now += TimeSpan.FromDays(40);
        await Logged("The clock of the host has jumped by 40.00:00:00");
        _time.Now -= TimeSpan.FromDays(40);
        await Logged("The clock of the host has jumped by -40.00:00:00");

        await flow.Answer("call", "{}");
        await flow.In("Completed");
        Assert.Empty(flow.All<FlowFailed>());
    }

    Task<FlowScenario> Start() => FlowScenario.Start(
        [new("Bus:Orchestration:CheckInterval", "1s")],
        services => services.AddSingleton<TimeProvider>(_time).AddLogging(logging => logging.AddProvider(_log)));

    Task Logged(string text, int times = 1) => Eventually.True(
        () => Task.FromResult(_log.All.Count(line => line.Contains(text, StringComparison.Ordinal)) >= times), Limit, text, Cancellation);
}
