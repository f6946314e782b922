namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    [Fact]
    public async Task A_slot_that_becomes_free_is_given_to_the_next_job_at_once()
    {
        // Looked for once a minute, two at a time, they would take four minutes.
        const int count = 10;
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:JobService:PollInterval", "1m"));

        for (var number = 1; number <= count; number++)
            await host.Submit(new Wait($"{number}"));
        await host.Probe.UntilBegun(2);
        await host.Submit(new Work("another kind"));
        await host.Probe.UntilBegun(3);
        Assert.Equal(["1", "2", "another kind"], host.Probe.Begun.Order());
        for (var number = 1; number <= count; number++)
            host.Probe.Release($"{number}");

        await host.Probe.UntilBegun(count + 1);
    }

    [Fact]
    public async Task A_limit_for_all_hosts_holds_and_the_free_slot_is_given_to_the_next_job_on_any_of_them()
    {
        const int count = 4;
        var (database, probe) = (await NewDatabase(), new Probe());
        await using var one = await JobsHost.Start(database, probe);
        await using var two = await JobsHost.Start(database, probe);

        await one.Jobs(jobs => jobs.SubmitMany(Enumerable.Range(0, count).Select(number => new Single($"{number}"))));
        for (var begun = 1; begun <= count; begun++)
        {
            await Eventually.True(() => Task.FromResult(Singles().Count == begun), TimeSpan.FromSeconds(60), $"job {begun}", Cancellation);
            // Both hosts look for work meanwhile, and find some.
            foreach (var host in new[] { one, two })
                await host.Until(await host.Submit(new Work("other work")), JobStage.Completed);
            Assert.Equal(begun, Singles().Count);
            probe.Release(Singles()[^1]);
        }

        await Eventually.True(
            async () => await one.Count("job", "state = 4 AND type = 'Single'") == count, Soon, "all to complete", Cancellation);

        List<string> Singles() => [.. probe.Begun.Where(name => name != "other work")];
    }

    [Fact]
    public async Task How_many_run_at_a_time_can_be_changed_while_they_run()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        await host.Jobs(jobs => jobs.SubmitMany(Enumerable.Range(0, 6).Select(number => new Wait($"{number}"))));
        await host.Probe.UntilBegun(2);
        await host.Jobs(jobs => jobs.SetConcurrency("Wait", 5, null));

        await host.Probe.UntilBegun(5, Soon);
        Assert.Equal(5, host.Probe.MostAtOnce);
    }

    [Fact]
    public async Task Progress_logs_and_state_are_kept_and_what_it_publishes_belongs_to_its_tenant()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var id = await host.Submit(new Talk("Ada"), new JobSubmission { Tenant = "acme" });
        await host.Probe.UntilBegun(1);
        await Eventually.True(async () => (await host.Find(id))?.Progress == 7 && (await host.Jobs(jobs => jobs.Logs(id))).Count == 2, Soon,
            "progress and logs", Cancellation);
        var running = await host.Find(id);
        host.Probe.Release("Ada");
        var completed = await host.Until(id, JobStage.Completed);
        var lines = await host.Jobs(jobs => jobs.Logs(id));

        Assert.Equal((JobStage.Running, 7, 10, 1),
            (running!.Stage, running.Progress, running.ProgressLimit, running.State!.Value.GetProperty("count").GetInt32()));
        Assert.Equal((10, 10, "acme"), (completed.Progress, completed.ProgressLimit, completed.Tenant));
        Assert.Equal(
            [(LogLevel.Information, "hello Ada"), (LogLevel.Warning, "from elsewhere")], lines.Select(line => (line.Level, line.Text)));
        Assert.Equal("acme", (await host.Probe.UntilHeard<Said>()).Tenant);
    }

    [Fact]
    public async Task The_life_of_a_job_is_published()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var talk = await host.Submit(new Talk("Ada"));
        var flaky = await host.Submit(new Flaky(99, IsInvalid: true));
        var waiting = await host.Submit(new Wait("wait"));
        await host.Probe.UntilBegun(3);
        host.Probe.Release("Ada");
        await host.Jobs(jobs => jobs.Cancel(waiting, "enough"));

        await host.Probe.UntilHeard<JobStarted>(started => started.JobId == talk);
        Assert.Equal("Ada", (await host.Probe.UntilHeard<JobCompleted<Talk>>(completed => completed.JobId == talk)).Job.Name);
        Assert.Equal("Ada", $"{(await host.Probe.UntilHeard<JobCompleted>(completed => completed.JobId == talk)).Job["name"]}");
        var faulted = await host.Probe.UntilHeard<JobFaulted>(faulted => faulted.JobId == flaky);
        Assert.Equal("It can never be done.", faulted.Exceptions.Message);
        Assert.Equal("enough", (await host.Probe.UntilHeard<JobCanceled>(canceled => canceled.JobId == waiting)).Reason);
    }

    [Theory]
    [InlineData(2, false, JobStage.Completed, 3)]
    [InlineData(99, false, JobStage.Faulted, 3)]
    [InlineData(99, true, JobStage.Faulted, 1)]
    public async Task A_job_is_tried_as_often_as_it_may_be(int failures, bool isInvalid, JobStage expected, int attempts)
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var job = await host.Until(await host.Submit(new Flaky(failures, isInvalid)), expected);

        Assert.Equal(attempts, job.Attempt);
        Assert.Equal(attempts, host.Probe.Begun.Count);
        if (expected == JobStage.Faulted)
            Assert.Contains("exceptionType", $"{job.Exceptions}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_options_of_a_consumer_s_definition_hold_and_the_settings_over_them()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:Jobs:Defined:Concurrency", "2"));

        var job = await host.Until(await host.Submit(new Defined()), JobStage.Faulted);
        var kind = await host.Jobs(jobs => Task.FromResult(jobs.Kinds.Single(kind => kind.Name == "Defined")));

        Assert.Equal(4, job.Attempt);
        Assert.Equal((TimeSpan.FromMinutes(7), 2, 4), (kind.Settings.Timeout, kind.Settings.Concurrency, kind.Settings.GlobalConcurrency));
    }

    [Fact]
    public async Task A_job_sees_its_properties_those_of_its_kind_and_of_its_host_and_so_does_who_waits_for_it()
    {
        await using var host = await JobsHost.Start(await NewDatabase());
        var order = NewId.NextGuid();

        var id = await host.Bus.SubmitJob(
            new Told(), properties => properties.Set("Colour", "red").Set("number", 5).Set("order", order), Cancellation);

        Assert.Equal(new Seen(1, 3, 4, "red", 5, order, "light", "eu"), await host.Probe.UntilHeard<Seen>());
        var completed = await host.Probe.UntilHeard<JobCompleted>(completed => completed.JobId == id);
        Assert.Equal(
            ("red", "light", "eu"),
            ($"{completed.JobProperties!["Colour"]}", $"{completed.JobTypeProperties!["kind"]}",
                $"{completed.InstanceProperties!["region"]}"));
        foreach (var attempt in new[] { 0, 1 })
            await host.Probe.UntilHeard<JobStarted>(started => started.RetryAttempt == attempt);
        Assert.Equal([0, 1], host.Probe.Heard.OfType<JobStarted>().Select(started => started.RetryAttempt).Order());
    }

    [Fact]
    public async Task A_job_whose_dependency_asks_for_time_is_tried_no_earlier()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var job = await host.Until(await host.Submit(new Busy(1_000)), JobStage.Scheduled);

        Assert.InRange((job.Due - job.Created).TotalSeconds, 1_000, 1_200);
    }

    [Fact]
    public async Task A_dependency_that_is_away_costs_a_job_no_attempts()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var id = await host.Submit(new Flaky(6, IsAway: true));
        var completed = await host.Until(id, JobStage.Completed);

        Assert.Equal((7, 0), (completed.Attempt, completed.Failures));
        Assert.Equal(6, host.Log.Entries.Count(entry => entry.Id == 17 && IsOf(id, entry)));
    }

    [Fact]
    public async Task A_job_that_is_never_tried_twice_fails_also_of_a_dependency_that_is_away()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:Jobs:Flaky:Attempts", "1"));

        var failed = await host.Until(await host.Submit(new Flaky(6, IsAway: true)), JobStage.Faulted);

        Assert.Equal((1, 1), (failed.Attempt, failed.Failures));
    }

    [Fact]
    public async Task A_failed_job_can_be_retried_and_a_completed_one_cannot()
    {
        // The second attempt has no more time than the first one, and on a busy machine it needs some.
        await using var host = await JobsHost.Start(
            await NewDatabase(), ("Bus:Jobs:Talk:Timeout", "10s"), ("Bus:Jobs:Talk:Attempts", "1"));

        var id = await host.Submit(new Talk("slow"));
        var failed = await host.Until(id, JobStage.Faulted);
        host.Probe.Release("slow");
        await host.Bus.RetryJob(id);
        var completed = await host.Until(id, JobStage.Completed);

        Assert.Contains("longer than 00:00:10", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(2, completed.State!.Value.GetProperty("count").GetInt32());
        await Assert.ThrowsAsync<JobStateException>(() => host.Jobs(jobs => jobs.Retry(id)));
    }

    [Fact]
    public async Task A_job_that_does_not_end_when_its_time_is_over_fails_and_gives_its_slot_up()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:Jobs:Deaf:CancellationTimeout", "200ms"));

        var first = await host.Submit(new Deaf("first"));
        var second = await host.Submit(new Deaf("second"));
        host.Probe.Release("second");

        await Eventually.True(
            () => Task.FromResult(host.Probe.Begun.Contains("second")), Soon, "the next job to begin in its slot", Cancellation);
        Assert.Contains("longer", (await host.Until(first, JobStage.Faulted)).Reason, StringComparison.Ordinal);
        // It may exceed its time as well.
        await Eventually.True(async () => await host.Find(second) is { HasEnded: true }, Soon, "the next job to end", Cancellation);
        host.Probe.Release("first");
    }

    [Fact]
    public async Task The_last_hundred_completed_and_fifty_failed_are_kept_per_queue()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        await host.Jobs(jobs => jobs.SubmitMany(Enumerable.Range(0, 130).Select(number => new Work($"{number}"))));
        await host.Jobs(jobs => jobs.SubmitMany(Enumerable.Range(0, 70).Select(_ => new Flaky(99, IsInvalid: true))));
        await host.Probe.UntilBegun(200);

        await Eventually.True(
            async () =>
                (await host.Count("job", "state = 4"), await host.Count("job", "state = 5"), await host.Count("job")) == (100, 50, 150),
            Soon, "100 completed and 50 failed", Cancellation);
    }
}
