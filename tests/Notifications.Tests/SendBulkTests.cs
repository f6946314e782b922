using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Maestro.Bus.Jobs;

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
    public async Task One_that_has_told_nobody_fails_at_once_and_says_why()
    {
        await using var domain = await Scenario.Start();

        var told = await domain.JobEnded(
            await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "internal", ["Ada"], null, "It is out."), Cancellation), Cancellation);
        var nobody = await domain.JobEnded(await domain.Bus.Bus.SubmitJob(
            new SendBulk("acme", "email", ["Ada", "Grace"], "News", "It is out."), Cancellation), Cancellation);
        var empty = await domain.JobEnded(
            await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "internal", [], null, "It is out."), Cancellation), Cancellation);

        Assert.Equal((JobStage.Completed, "All 1 recipients were told.", "acme"), (told.Stage, told.Reason, told.Tenant));
        Assert.Equal((JobStage.Faulted, 1), (nobody.Stage, nobody.Attempt));
        Assert.Contains("None of the 2 recipients could be told: ", nobody.Reason, StringComparison.Ordinal);
        Assert.Equal(JobStage.Faulted, empty.Stage);
        Assert.Contains("lacks its Text or its Recipients", empty.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_has_told_nobody_tells_everybody_when_it_is_retried()
    {
        var channel = new RefusingChannel();
        await using var domain = await Start(channel);
        await using var scope = domain.Services.CreateAsyncScope();
        var jobs = scope.ServiceProvider.GetRequiredService<IJobs>();
        var recipients = Recipients();
        var id = await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "refusing", recipients, "News", "It is out."), Cancellation);
        var failed = await domain.JobEnded(id, Cancellation);
        var lines = await jobs.Logs(id, 0, 100, Cancellation);

        channel.Refuses = false;
        await jobs.Retry(id, Cancellation);
        await Eventually.True(
            async () => await jobs.Find(id, Cancellation) is { Stage: JobStage.Completed }, Limit, "the job to complete", Cancellation);

        Assert.Equal(JobStage.Faulted, failed.Stage);
        Assert.Equal(25, lines.Count(line => line.Text.EndsWith(" cannot be told: It is off.", StringComparison.Ordinal)));
        Assert.Equal(recipients, channel.Told);
    }

    [Fact]
    public async Task A_channel_that_is_away_in_the_middle_costs_no_attempts_and_nobody_is_told_twice()
    {
        var channel = new PatchyChannel("user 13", 7, () => new DependencyUnavailableException("It is away."));
        await using var domain = await Start(channel);
        var recipients = Recipients();

        var job = await domain.JobEnded(
            await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "patchy", recipients, "News", "It is out."), Cancellation), Cancellation);

        Assert.Equal((JobStage.Completed, 8, 0), (job.Stage, job.Attempt, job.Failures));
        Assert.Equal(recipients, channel.Told);
    }

    [Fact]
    public async Task A_failure_in_the_middle_has_nobody_told_twice()
    {
        var channel = new PatchyChannel("user 13", 2, () => new InvalidOperationException("It fails."));
        await using var domain = await Start(channel);
        var recipients = Recipients();

        var job = await domain.JobEnded(
            await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "patchy", recipients, "News", "It is out."), Cancellation), Cancellation);

        Assert.Equal((JobStage.Completed, 2), (job.Stage, job.Failures));
        Assert.Equal(recipients, channel.Told);
    }

    [Theory]
    [InlineData(2, JobStage.Completed, "All 25 recipients were told.")]
    [InlineData(99, JobStage.Faulted, "1 of 25 recipients could not be told yet. The mailbox is full.")]
    public async Task A_recipient_who_cannot_be_told_yet_holds_up_no_others(int failures, JobStage stage, string reason)
    {
        var channel = new PatchyChannel("user 3", failures, () => new MailDeferredException("The mailbox is full."));
        await using var domain = await Start(channel);
        var recipients = Recipients();

        var job = await domain.JobEnded(
            await domain.Bus.Bus.SubmitJob(new SendBulk("acme", "patchy", recipients, "News", "It is out."), Cancellation), Cancellation);

        Assert.Equal((stage, reason), (job.Stage, job.Reason));
        IEnumerable<string> late = stage == JobStage.Completed ? ["user 3"] : [];
        Assert.Equal([.. recipients.Except(["user 3"]), .. late], channel.Told);
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

    static List<string> Recipients() => [.. Enumerable.Range(0, 25).Select(number => $"user {number}")];

    static Task<DomainHarness> Start(INotificationChannel channel) => DomainHarness.Start<NotificationsDomain>(
        [new("Bus:Jobs:SendBulk:FirstRetryDelay", "50ms"), new("Bus:JobService:PollInterval", "200ms")],
        services =>
        {
            Maestro.Bus.Mail.MailModule.AddServices(services);
            services.AddSingleton(channel);
        });

    /// <summary>A channel that fails some times at one recipient.</summary>
    sealed class PatchyChannel(string recipient, int failures, Func<Exception> failure) : INotificationChannel
    {
        int _failures = failures;

        public ConcurrentQueue<string> Told { get; } = [];

        public string Name => "patchy";

        public Task<Delivery> Send(SendNotification notification, CancellationToken cancellationToken)
        {
            if (notification.Recipient == recipient && _failures-- > 0)
                throw failure();

            Told.Enqueue(notification.Recipient);
            return Task.FromResult(Delivery.Taken);
        }
    }

    /// <summary>A channel that refuses everybody until it is told otherwise.</summary>
    sealed class RefusingChannel : INotificationChannel
    {
        public bool Refuses { get; set; } = true;

        public ConcurrentQueue<string> Told { get; } = [];

        public string Name => "refusing";

        public Task<Delivery> Send(SendNotification notification, CancellationToken cancellationToken)
        {
            if (Refuses)
                return Task.FromResult(Delivery.Refused("It is off."));

            Told.Enqueue(notification.Recipient);
            return Task.FromResult(Delivery.Taken);
        }
    }
}
