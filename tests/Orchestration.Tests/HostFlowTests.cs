using System.Text.Json;

namespace MaestroBus.Orchestration.Tests;

/// <summary>The flows that come with the host, run on the sample webhooks that come with it.</summary>
public sealed class HostFlowTests
{
    static readonly string Flows = Path.Combine(AppContext.BaseDirectory, "host-flows");

    [Theory]
    [InlineData("github", "push", "github-push.json", "platform", "Push",
        "mara-lindqvist pushed to refs/heads/main of acme/warehouse: "
            + "https://github.com/acme/warehouse/compare/51de2b835bd3...405906c9d5be")]
    [InlineData("github", "issues", "github-issues-opened.json", "support", "Issue #118 opened",
        "tomas-okafor opened 'Picking list skips the last shelf' in acme/warehouse: https://github.com/acme/warehouse/issues/118")]
    [InlineData("stripe", "invoice.paid", "stripe-invoice-paid.json", "finance", "Invoice paid",
        "accounts@acme.example paid the invoice GLX-2026-0311: 11900 eur in the currency's smallest unit")]
    [InlineData("orders", "order.placed", "order-placed.json", "warehouse", "Order GX-10417",
        "Ines Duarte has placed the order GX-10417; write to ines@customer.example for questions")]
    public async Task A_sample_webhook_is_looked_up_and_told(
        string provider, string eventType, string sample, string team, string subject, string text)
    {
        await using var flow = await FlowScenario.Start([new("Bus:Orchestration:Flows", Flows)]);
        var payload = JsonElement.Parse(
            await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "samples", sample), TestContext.Current.CancellationToken));

        await flow.Publish(new WebhookAccepted("webhook-1", provider, eventType, "acme", DateTimeOffset.UnixEpoch, payload));

        var call = await flow.Published<CallApi>();
        Assert.Equal(("analytics", "GET", "/analytics/usage?tenant=acme"), (call.Address, call.Method, call.Path));

        await flow.Publish(new ApiCallSucceeded(call.FlowId, call.StepId, "acme", "analytics", 200, null, TimeSpan.Zero));

        var notification = await flow.Published<SendNotification>();
        Assert.Equal(
            ("internal", team, subject, text), (notification.Channel, notification.Recipient, notification.Subject, notification.Text));

        await flow.Publish(
            new NotificationSent(notification.NotificationId, "acme", "internal", team, notification.FlowId, notification.StepId));
        await flow.Published<FlowCompleted>();
    }
}
