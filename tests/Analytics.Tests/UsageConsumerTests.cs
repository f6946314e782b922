using System.Text.Json;

namespace MaestroBus.Analytics.Tests;

public sealed class UsageConsumerTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_billed_event_is_counted()
    {
        await using var domain = await DomainHarness.Start<AnalyticsDomain>();
        var id = NewId.NextGuid();
        object[] events =
        [
            new WebhookAccepted("webhook-1", "github", "push", "acme", DateTimeOffset.UnixEpoch, JsonSerializer.SerializeToElement(1)),
            new FlowStarted(id, "flow", "acme"),
            new FlowCompleted(id, "flow", "acme"),
            new FlowFailed(id, "flow", "acme", "step", "reason"),
            new ApiCallSucceeded(id, "step", "acme", "api", 200, null, TimeSpan.Zero),
            new ApiCallFailed(id, "step", "acme", "api", 400, "reason"),
            new NotificationSent(id, "acme", "email", "ada@example.com"),
            new NotificationFailed(id, "acme", "email", "ada@example.com", "reason"),
        ];

        foreach (var billed in events)
            await domain.Bus.Bus.Publish(billed, Token);
        var usage = await Counted(domain, "acme", events.Length);

        Assert.Equal(events.Select(billed => billed.GetType().Name).Order(StringComparer.Ordinal), usage.Select(type => type.MessageType));
        Assert.All(usage, type => Assert.Equal(1, type.Count));
    }

    [Fact]
    public async Task The_tenant_of_the_header_goes_before_the_one_in_the_message()
    {
        await using var domain = await DomainHarness.Start<AnalyticsDomain>();

        await domain.Bus.Bus.Publish(Started("inside"), publish => publish.SetTenantId("header"), Token);
        await domain.Bus.Bus.Publish(Started("inside"), Token);

        Assert.Equal(1, (await Counted(domain, "header", 1)).Single().Count);
        Assert.Equal(1, (await Counted(domain, "inside", 1)).Single().Count);
    }

    [Fact]
    public async Task A_message_delivered_twice_is_counted_once()
    {
        await using var domain = await DomainHarness.Start<AnalyticsDomain>();
        var id = NewId.NextGuid();

        await domain.Bus.Bus.Publish(Started("acme"), publish => publish.MessageId = id, Token);
        await domain.Bus.Bus.Publish(Started("acme"), publish => publish.MessageId = id, Token);
        await domain.Bus.Bus.Publish(Started("acme"), Token);

        // Five messages at a time are worked on, so that a second count of the first one may come late.
        await Eventually.True(
            async () => (await Counted(domain, "acme", 1)).Single().Count == 2,
            TimeSpan.FromSeconds(60), "two messages to be counted", Token);
        await domain.Bus.InactivityTask.WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal(2, (await Counted(domain, "acme", 1)).Single().Count);
    }

    [Fact]
    public async Task A_message_without_a_tenant_is_invalid()
    {
        await using var domain = await DomainHarness.Start<AnalyticsDomain>();

        await domain.Bus.Bus.Publish(Started("no tenant"), Token);

        await domain.Bus.UntilPublished<Fault<FlowStarted>>(
            Token, fault => fault.Exceptions[0].ExceptionType == typeof(InvalidMessageException).FullName);
    }

    [Fact]
    public async Task Another_domain_can_ask_for_the_usage()
    {
        await using var domain = await DomainHarness.Start<AnalyticsDomain>();
        await domain.Bus.Bus.Publish(Started("acme"), Token);
        await Counted(domain, "acme", 1);
        var now = TimeProvider.System.GetUtcNow();

        var response = await domain.Bus.GetRequestClient<GetUsage>()
            .GetResponse<UsageReport>(new GetUsage("acme", now.AddHours(-1), now.AddHours(1)), Token);

        Assert.Equal(("acme", "FlowStarted"), (response.Message.Tenant, Assert.Single(response.Message.Usage).MessageType));
    }

    [Fact]
    public async Task A_request_for_a_time_that_ends_before_it_begins_is_invalid()
    {
        await using var domain = await DomainHarness.Start<AnalyticsDomain>();
        var now = TimeProvider.System.GetUtcNow();

        var fault = await Assert.ThrowsAsync<RequestFaultException>(() =>
            domain.Bus.GetRequestClient<GetUsage>().GetResponse<UsageReport>(new GetUsage("acme", now, now.AddHours(-1)), Token));

        Assert.Equal(typeof(InvalidMessageException).FullName, fault.Fault!.Exceptions[0].ExceptionType);
    }

    static FlowStarted Started(string tenant) => new(NewId.NextGuid(), "flow", tenant);

    static Task<IReadOnlyList<MessageUsage>> Counted(DomainHarness domain, string tenant, int types) =>
        Eventually.Some(
            async () =>
            {
                var usage = await Find(domain, tenant, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Token);
                return usage.Count >= types ? usage : null;
            },
            TimeSpan.FromSeconds(60),
            $"{types} message types of {tenant}",
            Token);

    static async Task<IReadOnlyList<MessageUsage>> Find(
        DomainHarness domain, string tenant, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var scope = domain.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IUsageStore>().Find(tenant, from, to, cancellationToken);
    }
}
