using System.Text.Json;

namespace MaestroBus.Orchestration.Tests;

public sealed class StartFlowsForWebhookTests
{
    [Fact]
    public async Task A_webhook_starts_the_flows_that_name_its_provider_and_event()
    {
        using var folder = new TemporaryFolder();
        await Write(folder, "every-event", "github", "*");
        await Write(folder, "issues", "github", "issues");
        await Write(folder, "push", "GitHub", "push");
        await Write(folder, "other-provider", "gitlab", "push");
        await using var flow = await FlowScenario.Start([new("Bus:Orchestration:Flows", folder.Path)]);

        await flow.Publish(Webhook("push"));
        await flow.Consumed<StartFlow>(2);

        var starts = flow.All<StartFlow>().OrderBy(start => start.Specification.Id).ToList();
        Assert.Equal(["every-event", "push"], starts.Select(start => start.Specification.Id));
        Assert.All(starts, start => Assert.Equal("globex", start.TenantId));
        Assert.Equal(FlowId.OfWebhook("globex", "github", "webhook-1", "push"), starts[1].FlowId);
        Assert.All(flow.Contexts<StartFlow>(), start => Assert.Equal("globex", start.Headers.Get<string>(TenantHeader.Name)));
        Assert.Equal("Ada: 3", (await flow.Published<SendNotification>(notification => notification.FlowId == starts[1].FlowId)).Text);
    }

    [Fact]
    public async Task A_webhook_that_comes_twice_starts_its_flow_once()
    {
        using var folder = new TemporaryFolder();
        await Write(folder, "push", "github", "push");
        await using var flow = await FlowScenario.Start([new("Bus:Orchestration:Flows", folder.Path)]);

        await flow.Publish(Webhook("push"));
        await flow.Publish(Webhook("push"));
        await flow.Consumed<StartFlow>(2);
        await flow.Published<FlowStarted>();
        await flow.Published<SendNotification>();

        Assert.Single(flow.All<FlowStarted>());
        Assert.Single(flow.All<SendNotification>());
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task A_webhook_that_no_flow_names_starts_none()
    {
        await using var flow = await FlowScenario.Start();

        await flow.Publish(Webhook("push"));
        await flow.Consumed<WebhookAccepted>(1);

        Assert.Empty(flow.All<StartFlow>());
        Assert.Empty(flow.Exceptions);
    }

    [Fact]
    public async Task A_webhook_starts_no_flow_of_another_tenant()
    {
        using var folder = new TemporaryFolder();
        await Write(folder, "any", "github", "push");
        await Write(folder, "acmes", "github", "push", "acme");
        await Write(folder, "globexes", "github", "push", "globex");
        await using var flow = await FlowScenario.Start([new("Bus:Orchestration:Flows", folder.Path)]);

        await flow.Publish(Webhook("push"));
        await flow.Consumed<WebhookAccepted>(1);
        await flow.Consumed<StartFlow>(2);

        Assert.Equal(["any", "globexes"], flow.All<StartFlow>().Select(start => start.Specification.Id).Order());
    }

    static WebhookAccepted Webhook(string eventType) =>
        new("webhook-1", "github", eventType, "globex", DateTimeOffset.UnixEpoch,
            JsonElement.Parse("""{ "pusher": { "name": "Ada" }, "size": 3 }"""));

    static Task Write(TemporaryFolder folder, string id, string provider, string eventType, string? tenant = null) =>
        File.WriteAllTextAsync(
            folder.At($"{id}.json"),
            $$"""
            {
              "id": "{{id}}",
              {{(tenant is null ? "" : $"\"tenant\": \"{tenant}\",")}}
              "trigger": { "provider": "{{provider}}", "eventType": "{{eventType}}" },
              "steps": [{ "id": "tell", "adapter": "internal", "input": { "to": "team" } }],
              "bindings": [{ "to": "tell.text", "text": "{trigger.pusher.name}: {trigger.size}" }]
            }
            """,
            TestContext.Current.CancellationToken);
}
