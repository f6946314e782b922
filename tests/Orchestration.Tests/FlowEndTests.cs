namespace MaestroBus.Orchestration.Tests;

/// <summary>A flow always ends, whatever becomes of the messages that it waits for.</summary>
public sealed class FlowEndTests
{
    const string Calls =
        """
        {
          "id": "order",
          "steps": [
            { "id": "call", "adapter": "http", "input": { "address": "shop" } },
            { "id": "tell", "adapter": "internal", "input": { "to": "team" } }
          ],
          "bindings": [{ "to": "tell.text", "text": "{steps.call.body.name}" }]
        }
        """;

    [Theory]
    [InlineData("""{ "name": "a", "name": "b" }""", "$.name: There are two members of this name.")]
    [InlineData("""{ "lines": [{ "sku": 1, "sku": 1 }], "name": "a" }""", "$.lines[0].sku: There are two members of this name.")]
    public async Task An_answer_that_repeats_a_name_fails_the_flow_and_says_where(string body, string reason)
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(Calls);
        await flow.Called("call");
        await flow.Answer("call", body);

        var failed = await flow.Published<FlowFailed>();
        Assert.Equal("call", failed.StepId);
        Assert.StartsWith($"The answer of 'shop' is wrong at {reason}", failed.Reason, StringComparison.Ordinal);
        await flow.In("Failed");
        Assert.Empty(flow.Exceptions);
    }

    [Theory]
    [InlineData(33)]
    [InlineData(60)]
    public async Task An_answer_with_too_many_levels_fails_the_flow(int depth)
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(Calls);
        await flow.Called("call");
        await flow.Answer("call", new string('[', depth) + new string(']', depth));

        Assert.Contains("more than 32 levels", (await flow.Published<FlowFailed>()).Reason, StringComparison.Ordinal);
        await flow.In("Failed");
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task Names_that_differ_in_their_case_are_two_names()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(Calls);
        await flow.Called("call");
        await flow.Answer("call", """{ "name": "a", "Name": "b" }""");

        Assert.Equal("a", (await flow.Notified("tell")).Text);
    }

    [Fact]
    public async Task A_trigger_that_repeats_a_name_ends_as_a_failed_flow()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Run(Calls, """{ "id": 1, "id": 2 }""");

        Assert.StartsWith("The trigger of 'order' is wrong at $.id: ", (await flow.In("Failed")).Failure, StringComparison.Ordinal);
        Assert.NotNull(await flow.Published<FlowFailed>());
    }

    [Fact]
    public async Task An_answer_that_ends_in_the_flows_dead_letters_fails_the_flow_and_its_retry_lets_it_go_on()
    {
        var broken = new Breakable();
        await using var flow = await broken.Start();
        await flow.Run(Calls);
        await flow.Called("call");

        broken.IsBroken = true;
        await flow.Answer("call", """{ "name": "Ada" }""");

        var failed = await flow.In("Failed");
        Assert.Equal(("call", Breakable.Reason), (failed.Step, failed.Failure));
        Assert.NotNull(failed.EndedAt);
        Assert.Equal(new FlowFailed(flow.FlowId, "order", "acme", "call", Breakable.Reason), await flow.Published<FlowFailed>());

        broken.IsBroken = false;
        await flow.Answer("call", """{ "name": "Ada" }""");

        var notification = await flow.Notified("tell");
        Assert.Equal("Ada", notification.Text);
        Assert.Equal((null, null), ((await flow.In("Running")).Failure, (await flow.In("Running")).EndedAt));
        await flow.Publish(new NotificationSent(notification.NotificationId, "acme", "internal", "team", flow.FlowId, "tell"));

        var completed = await flow.In("Completed");
        Assert.Equal("1", Assert.Single(completed.History, entry => entry.Event == "StepRetried").Detail);
        Assert.NotNull(completed.EndedAt);
    }

    [Fact]
    public async Task A_start_that_ends_in_the_dead_letters_is_a_failed_flow_and_its_retry_starts_it()
    {
        var broken = new Breakable();
        await using var flow = await broken.Start();

        broken.IsBroken = true;
        await flow.Run(Calls);
        var failed = await flow.In("Failed");
        Assert.Equal(("order", "acme", "call", Breakable.Reason), (failed.SpecificationId, failed.TenantId, failed.Step, failed.Failure));

        broken.IsBroken = false;
        await flow.Run(Calls);
        await flow.Called("call");

        var running = await flow.In("Running");
        Assert.Equal(("call", null, null), (running.Step, running.Failure, running.EndedAt));
    }

    [Fact]
    public async Task A_call_whose_dead_letter_is_retried_lets_the_flow_go_on_and_its_refusal_is_final()
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        var call = await flow.Called("call");

        await flow.PublishFault(call, "The shop is closed.");
        Assert.Equal("The shop is closed.", (await flow.In("Failed")).Failure);

        await flow.Publish(new ApiCallFailed(flow.FlowId, "call", "acme", "shop", 404, "No such order."));
        await flow.Consumed<ApiCallFailed>(1);
        await Eventually.True(
            async () => (await flow.In("Failed")).Failure == "No such order.",
            TimeSpan.FromSeconds(60), "the refusal", TestContext.Current.CancellationToken);

        await flow.Answer("call", """{ "name": "Ada" }""");
        await flow.Consumed<ApiCallSucceeded>(1);
        Assert.Equal("No such order.", (await flow.In("Failed")).Failure);
        Assert.Empty(flow.All<SendNotification>());
    }

    [Fact]
    public async Task What_becomes_of_an_answer_in_another_queue_is_not_the_flows_business()
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        await flow.Called("call");

        await flow.PublishFault(new ApiCallSucceeded(flow.FlowId, "call", "acme", "shop", 200, null, TimeSpan.Zero), "Not counted.");
        await flow.Consumed<Fault<ApiCallSucceeded>>(1);
        await flow.Answer("call", """{ "name": "Ada" }""");

        Assert.Equal("Ada", (await flow.Notified("tell")).Text);
        Assert.Empty(flow.All<FlowFailed>());
    }

    [Fact]
    public async Task A_reason_that_a_database_cannot_store_is_kept_in_a_form_that_it_can()
    {
        await using var flow = await FlowScenario.Start();
        await flow.Run(Calls);
        await flow.Called("call");

        await flow.Publish(new ApiCallFailed(flow.FlowId, "call", "acme", "shop", 500, $"a\0b{new string('x', 10_000)}"));

        var failure = (await flow.In("Failed")).Failure!;
        Assert.StartsWith("a\uFFFDbx", failure, StringComparison.Ordinal);
        Assert.InRange(failure.Length, 3000, 5000);
    }

    /// <summary>A flow whose handling of messages fails while it is told to.</summary>
    sealed class Breakable
    {
        public const string Reason = "The test has broken it.";

        volatile bool _isBroken;

        public bool IsBroken
        {
            get => _isBroken;
            set => _isBroken = value;
        }

        public Task<FlowScenario> Start() => FlowScenario.Start(configure: services => services.AddTransient(
            _ => _isBroken ? throw new InvalidOperationException(Reason) : new OrchestrationSettings()));
    }
}
