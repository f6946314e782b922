namespace MaestroBus.Notifications.Tests;

public sealed class InternalTests
{
    [Fact]
    public async Task A_notification_is_kept_for_its_tenant()
    {
        await using var domain = await Scenario.Start();
        var notification = Scenario.To("internal", "operations", "The flow has ended.", "Flow");

        await domain.Sent(notification);

        var kept = Assert.Single(Inbox(domain).Newest("acme", 10));
        Assert.Equal(
            (notification.NotificationId, "operations", "Flow", "The flow has ended.", notification.FlowId, notification.StepId),
            (kept.NotificationId, kept.Recipient, kept.Subject, kept.Text, kept.FlowId, kept.StepId));
        Assert.Empty(Inbox(domain).Newest("other", 10));
    }

    [Fact]
    public void A_notification_that_comes_twice_is_kept_once()
    {
        var inbox = Inbox(perTenant: 10);
        var id = NewId.NextGuid();

        inbox.Add("acme", Text("one", id));
        inbox.Add("acme", Text("one", id));
        inbox.Add("other", Text("one", id));

        Assert.Single(inbox.Newest("acme", 10));
        Assert.Single(inbox.Newest("other", 10));
    }

    [Fact]
    public void The_newest_come_first_and_the_oldest_go_first()
    {
        var inbox = Inbox(perTenant: 3);

        foreach (var text in (string[])["one", "two", "three", "four"])
            inbox.Add("acme", Text(text));

        Assert.Equal(["four", "three", "two"], inbox.Newest("acme", 10).Select(kept => kept.Text));
        Assert.Equal(["four", "three"], inbox.Newest("acme", 2).Select(kept => kept.Text));
    }

    [Fact]
    public void The_tenant_that_has_been_quiet_for_the_longest_time_goes_first()
    {
        var inbox = Inbox(tenants: 2);
        inbox.Add("one", Text("1"));
        inbox.Add("two", Text("2"));
        inbox.Add("one", Text("3"));

        inbox.Add("three", Text("4"));

        Assert.Equal([2, 0, 1], ((string[])["one", "two", "three"]).Select(tenant => inbox.Newest(tenant, 10).Count));
    }

    [Fact]
    public async Task Many_writers_and_readers_at_one_time_lose_nothing()
    {
        var inbox = Inbox(perTenant: 1_000);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (var number = 0; number < 500; number++)
            {
                inbox.Add($"tenant-{number % 4}", Text($"{writer}-{number}"));
                Assert.NotEmpty(inbox.Newest($"tenant-{number % 4}", 5));
            }
        })));

        Assert.All(Enumerable.Range(0, 4), tenant => Assert.Equal(1_000, inbox.Newest($"tenant-{tenant}", 2_000).Count));
    }

    static NotificationInbox Inbox(DomainHarness domain) => domain.Services.GetRequiredService<NotificationInbox>();

    static NotificationInbox Inbox(int perTenant = 100, int tenants = 100) =>
        new(new NotificationsSettings { Internal = { PerTenant = perTenant, Tenants = tenants } });

    static InternalNotification Text(string text, Guid? id = null) =>
        new(id ?? NewId.NextGuid(), "operations", null, text, DateTimeOffset.UnixEpoch, null, null);
}
