namespace MaestroBus.Orchestration.Tests;

public sealed class FlowRepetitionTests
{
    const string TwoCalls =
        """
        {
          "id": "two-calls",
          "steps": [
            { "id": "first", "adapter": "http", "input": { "address": "shop" } },
            { "id": "second", "adapter": "http", "input": { "address": "shop" } }
          ]
        }
        """;

    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(TwoCalls);
        await flow.Called("first");
        await flow.Run(TwoCalls);
        await flow.Consumed<StartFlow>(2);

        Assert.Single(flow.All<FlowStarted>());
        Assert.Single(flow.All<CallApi>());
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task An_answer_that_comes_twice_counts_once()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(TwoCalls);
        await flow.Called("first");
        await flow.Answer("first", "1");
        await flow.Called("second");
        await flow.Answer("first", "2");
        await flow.Consumed<ApiCallSucceeded>(2);

        var state = await flow.In("Running");
        Assert.Equal("second", state.Step);
        Assert.Equal("""{"first":{"status":200,"body":1}}""", state.Results);
        Assert.Equal(2, flow.All<CallApi>().Count);
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task An_answer_for_a_step_that_has_not_begun_changes_nothing()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(TwoCalls);
        await flow.Called("first");
        await flow.Answer("second");
        await flow.Publish(new ApiCallFailed(flow.FlowId, "second", "acme", "shop", 500, "Early."));
        await flow.Consumed<ApiCallSucceeded>(1);
        await flow.Consumed<ApiCallFailed>(1);

        Assert.Equal("first", (await flow.In("Running")).Step);
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task A_flow_that_has_ended_hears_nothing_more()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(TwoCalls);
        var call = await flow.Called("first");
        await flow.Answer("first");
        await flow.Called("second");
        await flow.Answer("second");
        var history = (await flow.In("Completed")).History.ToList();

        await flow.Run(TwoCalls);
        await flow.Answer("second");
        await flow.Publish(new ApiCallFailed(flow.FlowId, "second", "acme", "shop", 500, "Late."));
        await flow.PublishFault(call, "Late.");
        await flow.Publish(new NotificationSent(NewId.NextGuid(), "acme", "email", "ops@example.com", flow.FlowId, "second"));
        await flow.Publish(new NotificationFailed(NewId.NextGuid(), "acme", "email", "ops@example.com", "Late.", flow.FlowId, "second"));
        await flow.PublishFault(
            new SendNotification(NewId.NextGuid(), "acme", "email", "ops@example.com", null, "Late.", flow.FlowId, "second"), "Late.");
        await flow.Consumed<StartFlow>(2);
        await flow.Consumed<ApiCallSucceeded>(3);
        await flow.Consumed<ApiCallFailed>(1);
        await flow.Consumed<Fault<CallApi>>(1);
        await flow.Consumed<NotificationSent>(1);
        await flow.Consumed<NotificationFailed>(1);
        await flow.Consumed<Fault<SendNotification>>(1);

        Assert.Equal(history, (await flow.In("Completed")).History);
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task An_answer_to_nobody_is_left_alone()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Answer("first");
        await flow.Publish(new NotificationSent(NewId.NextGuid(), "acme", "email", "ops@example.com"));
        await flow.Consumed<ApiCallSucceeded>(1);
        await flow.Consumed<NotificationSent>(1);

        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task Many_answers_at_once_move_a_flow_by_one_step()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(TwoCalls);
        await flow.Called("first");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => flow.Answer("first")));
        await flow.Consumed<ApiCallSucceeded>(20);
        await flow.Called("second");

        Assert.Equal(["first", "second"], flow.All<CallApi>().Select(call => call.StepId));
        Assert.Empty(flow.Exceptions);
    }
}
