using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MaestroBus.Jobs;

namespace MaestroBus.Notifications.Tests;

public sealed class SendBulkTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_is_told_once()
    {
        await using var domain = await Scenario.Start();
        var recipients = Enumerable.Range(0, 25).Select(number => $"user {number}").ToList();

        var id = await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "internal", recipients, "News", "It is out."), Cancellation);

        Assert.Equal(JobStage.Completed, (await domain.JobEnded(id, Cancellation)).Stage);
        var inbox = domain.Services.GetRequiredService<NotificationInbox>();
        Assert.Equal(recipients, inbox.Newest("acme", 100).Select(notification => notification.Recipient).Reverse());
    }

    [Fact]
    public async Task A_channel_that_does_not_exist_fails_at_once()
    {
        await using var domain = await Scenario.Start();

        var id = await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "pigeon", ["Ada"], null, "Coo."), Cancellation);

        var job = await domain.JobEnded(id, Cancellation);
        Assert.Equal((JobStage.Faulted, 1), (job.Stage, job.Attempt));
        Assert.Contains("Use one of", job.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_has_told_nobody_says_so()
    {
        await using var domain = await Scenario.Start();

        var told = await domain.JobEnded(
            await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "internal", ["Ada"], null, "It is out."), Cancellation), Cancellation);
        var nobody = await domain.JobEnded(await domain.Bus.Bus.SubmitJob(
            new SendBulk("acme", "email", ["Ada", "Grace"], "News", "It is out."), Cancellation), Cancellation);
        var empty = await domain.JobEnded(
            await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "internal", [], null, "It is out."), Cancellation), Cancellation);

        Assert.Equal((JobStage.Completed, "All 1 recipients were told.", "acme"), (told.Stage, told.Reason, told.Tenant));
        Assert.Equal(JobStage.Completed, nobody.Stage);
        Assert.StartsWith("None of the 2 recipients could be told: ", nobody.Reason, StringComparison.Ordinal);
        Assert.Equal(JobStage.Faulted, empty.Stage);
        Assert.Contains("lacks its Text or its Recipients", empty.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_id_of_two_tenants_is_two_notifications_and_of_one_tenant_one()
    {
        await using var server = await BusServer.Start(typeof(SendBulkTests).Assembly, [], Cancellation);
        var id = NewId.NextGuid();

        var (first, second, again) = (await Submit("acme"), await Submit("globex"), await Submit("acme"));

        Assert.Equal(first, again);
        Assert.NotEqual(first, second);
        Assert.DoesNotContain(id, new[] { first, second });

        async Task<Guid> Submit(string tenant)
        {
            using var accepted = await server.Client.PostAsJsonAsync(
                "/notifications/bulk", new { id, tenant, channel = "internal", recipients = new[] { "Ada" }, text = "It is out." },
                Cancellation);
            return (await accepted.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("id").GetGuid();
        }
    }

    [Fact]
    public async Task It_is_submitted_over_HTTP_and_tells_how_far_it_is()
    {
        await using var server = await BusServer.Start(typeof(SendBulkTests).Assembly, [], Cancellation);

        using var accepted = await server.Client.PostAsJsonAsync(
            "/notifications/bulk", new
            {
                tenant = "acme",
                channel = "internal",
                recipients = new[] { "Ada", "Grace", "Edsger" },
                text = "It is out."
            }, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var done = await Eventually.Some(
            async () => await server.Client.GetFromJsonAsync<JsonElement>(accepted.Headers.Location, Cancellation) is var job
                && job.GetProperty("state").GetString() == "Completed" ? $"{job}" : null,
            Limit, "the job to complete", Cancellation);
        using var refused = await server.Client.PostAsJsonAsync(
            "/notifications/bulk", new { channel = "internal", recipients = Array.Empty<string>() }, Cancellation);
        using var unknown = await server.Client.GetAsync($"/notifications/bulk/{Guid.Empty}", Cancellation);

        Assert.Contains("\"done\":3,\"total\":3", done, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }
}
