namespace MaestroBus.Orchestration.Tests;

public sealed class FlowTests
{
    const string LookUpAndNotify =
        """
        {
          "id": "order",
          "steps": [
            { "id": "lookup", "adapter": "http", "input": { "address": "shop", "path": "/orders/17" } },
            { "id": "notify", "adapter": "email", "input": { "to": "ops@example.com", "subject": "Order", "text": "It is here." } }
          ]
        }
        """;

    [Fact]
    public async Task A_flow_runs_its_steps_in_order_and_completes()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(LookUpAndNotify);

        Assert.Equal(new CallApi(flow.FlowId, "lookup", "acme", "shop", "GET", "/orders/17"), await flow.Called("lookup"));
        Assert.Empty(flow.All<SendNotification>());

        await flow.Answer("lookup", """{ "total": 12 }""");

        var notification = await flow.Notified("notify");
        Assert.Equal(
            new SendNotification(DeterministicId.Of($"{flow.FlowId}/notify"), "acme", "email", "ops@example.com", "Order", "It is here.",
                flow.FlowId, "notify"),
            notification);

        await flow.Publish(new NotificationSent(notification.NotificationId, "acme", "email", "ops@example.com", flow.FlowId, "notify"));

        Assert.Equal(new FlowCompleted(flow.FlowId, "order", "acme"), await flow.Published<FlowCompleted>());
        Assert.Equal(new FlowStarted(flow.FlowId, "order", "acme"), Assert.Single(flow.All<FlowStarted>()));

        var state = await flow.In("Completed");
        Assert.Equal(("order", "acme", null, null), (state.SpecificationId, state.TenantId, state.Step, state.Failure));
        Assert.Equal(
            """{"lookup":{"status":200,"body":{"total":12}},"notify":{"channel":"email","recipient":"ops@example.com"}}""", state.Results);
        Assert.Equal(
            [
                (null, "FlowStarted", null),
                ("lookup", "StepStarted", "GET shop /orders/17"),
                ("lookup", "StepCompleted", "200 after 3 ms"),
                ("notify", "StepStarted", "email to ops@example.com"),
                ("notify", "StepCompleted", "email to ops@example.com"),
                (null, "FlowCompleted", null),
            ],
            state.History.Select(entry => (entry.Step, entry.Event, entry.Detail)));
        Assert.True(state.StartedAt <= state.EndedAt);
    }

    [Fact]
    public async Task Every_message_of_a_flow_carries_its_tenant()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(LookUpAndNotify);
        await flow.Called("lookup");
        await flow.Publish(new ApiCallFailed(flow.FlowId, "lookup", "acme", "shop", 404, "No such order."));
        await flow.Published<FlowFailed>();

        List<SendContext> sent = [.. flow.Contexts<FlowStarted>(), .. flow.Contexts<CallApi>(), .. flow.Contexts<FlowFailed>()];
        Assert.Equal(3, sent.Count);
        Assert.All(sent, context => Assert.Equal("acme", context.Headers.Get<string>(TenantHeader.Name)));
    }

    [Fact]
    public async Task A_step_that_is_refused_fails_the_flow()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(LookUpAndNotify);
        await flow.Called("lookup");
        await flow.Publish(new ApiCallFailed(flow.FlowId, "lookup", "acme", "shop", 404, "'shop' answered 404: No such order."));

        await AssertFailed(flow, "lookup", "'shop' answered 404: No such order.");
        Assert.Empty(flow.All<SendNotification>());
    }

    [Fact]
    public async Task A_call_that_ends_in_the_dead_letters_fails_the_flow()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(LookUpAndNotify);
        await flow.PublishFault(await flow.Called("lookup"), "GET /orders/17 of 'shop' did not answer within 10 s.");

        await AssertFailed(flow, "lookup", "GET /orders/17 of 'shop' did not answer within 10 s.");
    }

    [Fact]
    public async Task A_notification_that_cannot_be_sent_fails_the_flow()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(LookUpAndNotify);
        await flow.Called("lookup");
        await flow.Answer("lookup");
        var notification = await flow.Notified("notify");
        await flow.Publish(new NotificationFailed(
            notification.NotificationId, "acme", "email", "ops@example.com", "No such mailbox.", flow.FlowId, "notify"));

        await AssertFailed(flow, "notify", "No such mailbox.");
    }

    [Fact]
    public async Task A_notification_that_ends_in_the_dead_letters_fails_the_flow()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(LookUpAndNotify);
        await flow.Called("lookup");
        await flow.Answer("lookup");
        await flow.PublishFault(await flow.Notified("notify"), "The mail server is not there.");

        await AssertFailed(flow, "notify", "The mail server is not there.");
    }

    [Fact]
    public async Task A_specification_that_breaks_a_rule_is_a_dead_letter_and_a_failed_flow()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run("""{ "id": "order", "steps": [{ "id": "notify", "adapter": "fax" }] }""");

        var fault = await flow.Published<Fault<StartFlow>>();
        var exception = Assert.Single(fault.Exceptions).InnerException!;
        const string reason = "The specification 'order' cannot be run. " +
            "$.steps[0].adapter: 'fax' is not an adapter. Use http, email, sms or internal.";
        Assert.Equal((typeof(InvalidMessageException).FullName, reason), (exception.ExceptionType, exception.Message));

        await AssertFailed(flow, "notify", reason);
        Assert.Empty(flow.All<FlowStarted>());
    }

    static async Task AssertFailed(FlowScenario flow, string step, string reason)
    {
        Assert.Equal(new FlowFailed(flow.FlowId, "order", "acme", step, reason), await flow.Published<FlowFailed>());

        var state = await flow.In("Failed");
        Assert.Equal((step, reason), (state.Step, state.Failure));
        Assert.NotNull(state.EndedAt);
        Assert.Equal([(step, "StepFailed", reason), (null, "FlowFailed", null)],
            state.History.TakeLast(2).Select(entry => (entry.Step, entry.Event, entry.Detail)));
        Assert.Empty(flow.All<FlowCompleted>());
    }
}
