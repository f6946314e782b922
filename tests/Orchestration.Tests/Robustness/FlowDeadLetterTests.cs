using System.Text.Json;
using MassTransit.Serialization;

namespace MaestroBus.Orchestration.Tests;

/// <summary>Messages of flows that end in the dead letters without having been given to a consumer.</summary>
public sealed class FlowDeadLetterTests
{
    const string Calls =
        """{ "id": "order", "steps": [{ "id": "call", "adapter": "http", "input": { "address": "shop" } }] }""";

    [Theory]
    [InlineData(DeadLetterReason.ProcessEnded)]
    [InlineData(DeadLetterReason.Expired)]
    [InlineData(DeadLetterReason.DeliveryLimit)]
    [InlineData(DeadLetterReason.QueueFull)]
    [InlineData(DeadLetterReason.Unhandled)]
    public async Task A_call_in_the_dead_letters_fails_its_flow_and_its_retry_lets_the_flow_go_on(string why)
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        var call = await flow.Called("call");

        await flow.DeadLetter("integration-tasks", call, why, "The queue has thrown it out.");

        var failed = await flow.In("Failed");
        Assert.Equal(
            $"The queue has thrown it out. The message is in the dead letters of integration-tasks ({why}); retry it there.",
            failed.Failure);
        Assert.Equal("call", (await flow.Published<FlowFailed>()).StepId);

        await flow.Answer("call", "{}");
        Assert.Equal("1", Assert.Single((await flow.In("Completed")).History, entry => entry.Event == "StepRetried").Detail);
    }

    [Fact]
    public async Task An_answer_in_the_flows_dead_letters_fails_its_flow_and_one_in_another_queue_s_does_not()
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        await flow.Called("call");
        var answer = new ApiCallSucceeded(flow.FlowId, "call", "acme", "shop", 200, null, TimeSpan.Zero);

        await flow.DeadLetter("analytics-events", answer, DeadLetterReason.ProcessEnded, "Not counted.");
        await flow.DeadLetter("orchestration-flows", answer with { StepId = "other" }, DeadLetterReason.ProcessEnded, "Of another step.");
        await flow.DeadLetter("orchestration-flows", answer, DeadLetterReason.ProcessEnded, "The process ended.");

        Assert.StartsWith("The process ended. ", (await flow.In("Failed")).Failure, StringComparison.Ordinal);
        await flow.Consumed<FlowStepDeadLettered>(2);
        await flow.Published<FlowFailed>();
        Assert.Single(flow.All<FlowFailed>());
    }

    [Fact]
    public async Task What_tells_a_flow_of_a_dead_letter_and_is_dead_lettered_itself_fails_it()
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        var call = await flow.Called("call");

        await flow.DeadLetter(
            "orchestration-flows", MessageUrn.ForTypeString<Fault<CallApi>>(), Json(new { faultId = NewId.NextGuid(), message = call }),
            null);

        Assert.EndsWith("(unreadable); retry it there.", (await flow.In("Failed")).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_tells_a_flow_of_a_lost_step_and_is_lost_itself_is_told_again_with_its_reason_and_not_without_end()
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        await flow.Called("call");
        var report = new FlowStepDeadLettered(flow.FlowId, "call", "The queue has thrown it out.");

        await flow.DeadLetter("orchestration-flows", report with { Repeated = 3 }, DeadLetterReason.ProcessEnded, "Again.");
        await flow.DeadLetter("orchestration-flows", report with { Repeated = 2 }, DeadLetterReason.ProcessEnded, "The process ended.");

        Assert.Equal("The queue has thrown it out.", (await flow.In("Failed")).Failure);
        Assert.Equal(report with { Repeated = 3 }, Assert.Single(flow.All<FlowStepDeadLettered>()));
        await flow.Answer("call", "{}");
        await flow.In("Completed");
    }

    [Fact]
    public async Task What_tells_of_a_lost_start_and_is_lost_itself_is_told_again()
    {
        await using var flow = await FlowScenario.Start();

        await flow.DeadLetter(
            "orchestration-flows", new FlowStartDeadLettered(flow.FlowId, "order", "acme", "call", "The process ended."),
            DeadLetterReason.ProcessEnded, "Once more.");

        var failed = await flow.In("Failed");
        Assert.Equal(
            ("order", "acme", "call", "The process ended."), (failed.SpecificationId, failed.TenantId, failed.Step, failed.Failure));
    }

    [Fact]
    public async Task An_answer_that_cannot_be_read_fails_the_flow_whose_id_came_with_it()
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        await flow.Called("call");
        Assert.Equal(flow.FlowId, Assert.Single(flow.Contexts<CallApi>()).CorrelationId);

        await flow.DeadLetter("orchestration-flows", null, "not JSON"u8.ToArray(), flow.FlowId);

        Assert.Equal("call", (await flow.In("Failed")).Step);
        await flow.Answer("call", "{}");
        await flow.In("Completed");
    }

    [Fact]
    public async Task A_start_that_no_consumer_was_given_is_a_failed_flow_and_its_retry_starts_it()
    {
        await using var flow = await FlowScenario.Start();
        var start = new StartFlow(flow.FlowId, FlowScenario.Specification(Calls), "acme");

        await flow.DeadLetter("orchestration-flows", start, DeadLetterReason.ProcessEnded, "The process ended.");

        var failed = await flow.In("Failed");
        Assert.Equal(("order", "acme", "call"), (failed.SpecificationId, failed.TenantId, failed.Step));
        Assert.StartsWith("The process ended. ", failed.Failure, StringComparison.Ordinal);

        await flow.Publish(start);
        await flow.Called("call");
        await flow.Answer("call", "{}");
        await flow.In("Completed");
    }

    [Fact]
    public async Task Dead_letters_of_no_flow_and_nonsense_change_nothing()
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        await flow.Called("call");

        foreach (var body in new[] { "[]", "null", """{"flowId":7}""", """{"flowId":"x"}""", "{", """{"flowId":null,"stepId":[]}""" })
            await flow.DeadLetter(
                "orchestration-flows", MessageUrn.ForTypeString<ApiCallSucceeded>(), System.Text.Encoding.UTF8.GetBytes(body), null);
        await flow.DeadLetter("orchestration-flows", null, "?"u8.ToArray(), NewId.NextGuid());
        await flow.Answer("call", "{}");

        await flow.In("Completed");
        Assert.Empty(flow.All<FlowFailed>());
    }

    static byte[] Json(object message) => JsonSerializer.SerializeToUtf8Bytes(message, SystemTextJsonMessageSerializer.Options);
}
