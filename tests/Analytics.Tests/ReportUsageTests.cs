namespace MaestroBus.Analytics.Tests;

public sealed class ReportUsageTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_tells_of_the_tenant_s_own_day_before()
    {
        // 2 o'clock in Auckland is 13 o'clock of the day before in universal time.
        await using var domain = await DomainHarness.Start<AnalyticsDomain>();
        await using (var scope = domain.Services.CreateAsyncScope())
        {
            var store = scope.ServiceProvider.GetRequiredService<IUsageStore>();
            foreach (var at in new[] { "2026-01-14T10:30Z", "2026-01-14T11:30Z", "2026-01-15T10:30Z", "2026-01-15T11:30Z" })
                await store.Count(new UsedMessage(
                    null, "acme", "FlowStarted", DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)), Token);
        }

        var notified = new TaskCompletionSource<SendNotification>();
        var endpoint = domain.Services.GetRequiredService<IBusControl>()
            .ConnectReceiveEndpoint("notified", configurator => configurator.Handler<SendNotification>(sent =>
        {
            notified.TrySetResult(sent.Message);
            return Task.CompletedTask;
        }));
        await endpoint.Ready.WaitAsync(Token);

        await domain.Bus.Bus.Publish(
            new ReportUsage("acme", "Pacific/Auckland", "operations"),
            publish => publish.Headers.Set(ScheduleHeaders.ScheduledAt, "2026-01-15T13:00:00Z"), Token);

        var sent = await notified.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal(("acme", "internal", "operations"), (sent.TenantId, sent.Channel, sent.Recipient));
        Assert.Equal(("Usage of acme on 2026-01-15", "FlowStarted: 2"), (sent.Subject, sent.Text));
    }

    [Fact]
    public async Task A_time_zone_that_nobody_knows_is_invalid()
    {
        await using var domain = await DomainHarness.Start<AnalyticsDomain>();

        await domain.Bus.Bus.Publish(new ReportUsage("acme", "Europe/Atlantis", "operations"), Token);

        await domain.Bus.UntilPublished<Fault<ReportUsage>>(
            Token, fault => fault.Exceptions[0].ExceptionType == typeof(InvalidMessageException).FullName);
    }
}
