using System.Collections.Concurrent;
using System.Text.Json;

namespace MaestroBus.Ingress.Tests;

public sealed class AcceptWebhookConsumerTests
{
    static readonly AcceptWebhook Webhook =
        new("webhook-d-1", "github", "push", "acme", Clock.Now, JsonElement.Parse("""{ "ref": "refs/heads/main" }"""));

    [Fact]
    public async Task An_accepted_webhook_is_announced_with_its_tenant_and_priority()
    {
        await using var ingress = await DomainHarness.Start<IngressDomain>();

        await ingress.Bus.Bus.Publish(Webhook, message => message.SetPriority(7), TestContext.Current.CancellationToken);

        await ingress.Bus.UntilPublished<WebhookAccepted>(TestContext.Current.CancellationToken);
        var announced = ingress.Bus.Published.Select<WebhookAccepted>(TestContext.Current.CancellationToken).Single().Context;
        Assert.Equal("webhook-d-1", announced.Message.WebhookId);
        Assert.Equal("github", announced.Message.Provider);
        Assert.Equal("push", announced.Message.EventType);
        Assert.Equal("acme", announced.Message.TenantId);
        Assert.Equal(Clock.Now, announced.Message.ReceivedAt);
        Assert.Equal("refs/heads/main", announced.Message.Payload.GetProperty("ref").GetString());
        Assert.Equal("acme", announced.SentTenant());
        Assert.Equal(7, announced.SentPriority());
    }

    [Fact]
    public async Task A_repeated_delivery_is_announced_under_the_same_id()
    {
        await using var ingress = await DomainHarness.Start<IngressDomain>();
        var announced = new ConcurrentQueue<Guid?>();
        var listener = ingress.Bus.Bus.ConnectReceiveEndpoint("listener", endpoint => endpoint.Handler<WebhookAccepted>(message =>
        {
            announced.Enqueue(message.MessageId);
            return Task.CompletedTask;
        }));
        await listener.Ready;

        foreach (var _ in (int[])[1, 2])
            await ingress.Bus.Bus.Publish(Webhook, message => message.MessageId = Guid.AllBitsSet, TestContext.Current.CancellationToken);

        await Eventually.True(
            () => Task.FromResult(announced.Count == 2), TimeSpan.FromSeconds(60), "two announcements",
            TestContext.Current.CancellationToken);
        Assert.NotNull(Assert.Single(announced.Distinct()));
    }

    [Theory]
    [InlineData("", "acme", "{}", "lacks its WebhookId")]
    [InlineData("webhook-1", "no tenant", "{}", "The tenant of webhook-1")]
    [InlineData("webhook-1", "acme", "[]", "The payload of webhook-1")]
    public async Task A_command_that_could_never_be_handled_is_refused_for_good(
        string webhookId, string tenant, string payload, string reason)
    {
        await using var ingress = await DomainHarness.Start<IngressDomain>();

        await ingress.Bus.Bus.Publish(
            Webhook with { WebhookId = webhookId, TenantId = tenant, Payload = JsonElement.Parse(payload) },
            TestContext.Current.CancellationToken);

        await ingress.Bus.UntilPublished<Fault<AcceptWebhook>>(TestContext.Current.CancellationToken);
        var fault = ingress.Bus.Published.Select<Fault<AcceptWebhook>>(TestContext.Current.CancellationToken)
            .Single().Context.Message.Exceptions.Single();
        Assert.Equal(typeof(InvalidMessageException).FullName, fault.ExceptionType);
        Assert.Contains(reason, fault.Message);
    }
}
