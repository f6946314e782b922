namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    [Fact]
    public async Task A_job_with_the_same_id_is_one_job_however_it_comes_and_even_when_its_record_is_gone()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:JobService:KeepCompleted", "0"));
        var id = NewId.NextGuid();

        await host.Bus.SubmitJob(id, new Work("same"), cancellationToken: Cancellation);
        await host.Bus.SubmitJob(id, new Work("same"), cancellationToken: Cancellation);
        await host.Submit(new Work("same"), new JobSubmission { Id = id });
        await host.Probe.UntilBegun(1);
        await Eventually.True(
            async () => await host.Count("job") == 0, TimeSpan.FromSeconds(60), "the record to be forgotten", Cancellation);
        await host.Submit(new Work("same"), new JobSubmission { Id = id });
        await host.Submit(new Work("last"));
        await host.Probe.UntilBegun(2);

        Assert.Equal(["same", "last"], host.Probe.Begun);
    }

    [Fact]
    public async Task A_job_sent_by_a_request_is_accepted_and_its_state_can_be_asked_for()
    {
        await using var host = await JobsHost.Start(await NewDatabase());
        await using var scope = host.Services.CreateAsyncScope();

        var id = await scope.ServiceProvider.GetRequiredService<IRequestClient<SubmitJob<Talk>>>()
            .SubmitJob(new Talk("asked"), Cancellation);
        await host.Probe.UntilBegun(1);
        await Eventually.True(async () => (await host.Find(id))?.Progress == 7, Soon, "the progress", Cancellation);
        var client = scope.ServiceProvider.GetRequiredService<IRequestClient<GetJobState>>();
        var running = await client.GetJobState<TalkState>(id);
        host.Probe.Release("asked");
        await host.Until(id, JobStage.Completed);
        var completed = await client.GetJobState(id);

        Assert.Equal(
            ("Running", 7L, 10L, 1), (running.CurrentState, running.ProgressValue, running.ProgressLimit, running.JobState!.Count));
        Assert.Equal(("Completed", 10L), (completed.CurrentState, completed.ProgressValue));
        Assert.NotNull(completed.Completed);
        Assert.Equal("NotFound", (await client.GetJobState(NewId.NextGuid())).CurrentState);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 0)]
    public async Task Jobs_that_a_consumer_submits_are_committed_with_its_state(bool fails, int expected)
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        await host.Bus.Publish(new SubmitWork("order", fails), Cancellation);
        if (!fails)
            await host.Probe.UntilHeard<AllDone>();
        await host.Bus.Publish(new SubmitWork("marker", false), Cancellation);
        await host.Probe.UntilHeard<AllDone>(done => done.Batch == "marker");
        await host.Probe.UntilBegun(expected + 3);

        Assert.Equal(expected, host.Probe.Begun.Count(name => name.StartsWith("order", StringComparison.Ordinal)));
        Assert.Equal(fails ? 1 : 2, await host.Count("\"Entries\""));
    }

    [Fact]
    public async Task The_most_urgent_jobs_are_begun_first_and_the_oldest_of_them()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:Jobs:Wait:Concurrency", "1"));

        await host.Submit(new Wait("blocker"));
        await host.Probe.UntilBegun(1);
        foreach (var (name, priority) in new[] { ("low", 1), ("normal 1", 4), ("high", 9), ("normal 2", 4) })
            await host.Submit(new Wait(name), new JobSubmission { Priority = priority });
        await host.Bus.SubmitJob(new Wait("message"), properties => properties.SetPriority(8), Cancellation);
        await Eventually.True(async () => await host.Count("job") == 6, Soon, "the last job", Cancellation);
        foreach (var name in new[] { "blocker", "low", "normal 1", "high", "normal 2", "message" })
            host.Probe.Release(name);
        await host.Probe.UntilBegun(6);

        Assert.Equal(["blocker", "high", "message", "normal 1", "normal 2", "low"], host.Probe.Begun);
    }

    [Fact]
    public async Task A_delayed_job_waits_for_its_time_unless_it_is_told_to_run_now()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:JobService:PollInterval", "1m"));

        var due = TimeProvider.System.GetUtcNow().AddSeconds(4);
        Guid[] delayed =
        [
            await host.Submit(new Work("delayed"), new JobSubmission { Delay = TimeSpan.FromSeconds(4) }),
            await host.Bus.SubmitJob(new Work("by message"), properties => properties.SetDelay(TimeSpan.FromSeconds(4.1)), Cancellation),
            await host.Bus.ScheduleJob(due, new Work("by schedule"), Cancellation),
        ];
        var later = await host.Submit(new Work("later"), new JobSubmission { Delay = TimeSpan.FromHours(1) });
        await host.Submit(new Work("now"));
        await host.Probe.UntilBegun(4);
        Assert.DoesNotContain("later", host.Probe.Begun);
        await host.Bus.Publish<RunJob>(new { JobId = later }, Cancellation);
        await host.Probe.UntilBegun(5);

        foreach (var id in delayed)
        {
            var job = await host.Until(id, JobStage.Completed);
            Assert.True((job.Started!.Value - due).TotalSeconds >= -0.01, $"It started at {job.Started:O}, and was due from {due:O} on.");
        }
    }

    [Fact]
    public async Task Ten_thousand_jobs_are_added_in_one_call_and_all_are_run()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:JobService:Events", "false"));

        var ids = await host.Jobs(jobs =>
            jobs.SubmitMany(Enumerable.Range(0, 10_000).Select(number => new Work($"{number}")), cancellationToken: Cancellation));
        await host.Probe.UntilBegun(10_000, TimeSpan.FromMinutes(5));

        Assert.Equal(10_000, ids.Distinct().Count());
        Assert.Equal(10_000, host.Probe.Begun.Distinct().Count());
        await Eventually.True(async () => await host.Count("job") == 100, TimeSpan.FromSeconds(60), "the last hundred", Cancellation);
    }

    [Fact]
    public async Task What_cannot_be_a_job_is_refused_with_what_to_do()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var unknown = await Assert.ThrowsAsync<InvalidOperationException>(() => host.Submit(new Said("x", null)));
        var kind = await Assert.ThrowsAsync<InvalidMessageException>(() => host.Jobs(jobs => jobs.SubmitJson("Wrok", "{}")));
        var body = await Assert.ThrowsAsync<InvalidMessageException>(() =>
            host.Jobs(jobs => jobs.SubmitJson("Flaky", """{"failures":"many"}""")));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => host.Submit(new Work("x"), new JobSubmission { Priority = 10 }));
        await Assert.ThrowsAsync<ArgumentException>(() => host.Submit(new Work("x"), new JobSubmission { Id = Guid.Empty }));
        await Assert.ThrowsAsync<JobNotFoundException>(() => host.Submit(new Work("x"), new JobSubmission { Parent = NewId.NextGuid() }));

        Assert.Contains("IJobConsumer<Said>", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("Use Busy, Deaf, Defined, Dirty, Family, Flaky", kind.Message, StringComparison.Ordinal);
        Assert.Contains("no Flaky", body.Message, StringComparison.Ordinal);
        Assert.Equal(0, await host.Count("job"));
    }
}
