namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    [Fact]
    public async Task A_running_job_is_cancelled_wherever_it_runs()
    {
        var database = await NewDatabase();
        await using var one = await JobsHost.Start(database);
        await using var two = await JobsHost.Start(database, ("Bus:JobService:Run", "false"));

        var id = await one.Submit(new Wait("here"));
        await one.Probe.UntilBegun(1);
        await two.Jobs(jobs => jobs.Cancel(id, "enough"));
        var canceled = await one.Until(id, JobStage.Canceled);

        Assert.Equal("enough", canceled.Reason);
    }

    [Fact]
    public async Task Jobs_that_are_cancelled_while_they_start_end_as_cancelled_or_completed_and_never_hang()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        for (var round = 0; round < 20; round++)
        {
            var ids = await host.Jobs(jobs => jobs.SubmitMany(Enumerable.Range(0, 10).Select(number => new Wait($"{number}"))));
            await Task.WhenAll(ids.Select(id => host.Bus.CancelJob(id, "enough")));
        }

        await Eventually.True(async () => await host.Count("job", "state < 4") == 0, TimeSpan.FromSeconds(60), "all to end", Cancellation);
        Assert.Equal(0, await host.Count("job", "state NOT IN (6)"));
    }

    [Fact]
    public async Task Cancelling_what_is_not_there_fails_and_what_has_ended_stays()
    {
        await using var host = await JobsHost.Start(await NewDatabase());
        var id = await host.Submit(new Work("done"));
        await host.Until(id, JobStage.Completed);

        await host.Jobs(jobs => jobs.Cancel(id));

        Assert.Equal(JobStage.Completed, (await host.Find(id))!.Stage);
        await Assert.ThrowsAsync<JobNotFoundException>(() => host.Jobs(jobs => jobs.Cancel(NewId.NextGuid())));
        await host.Jobs(jobs => jobs.Delete(id));
        Assert.Null(await host.Find(id));
    }

    [Fact]
    public async Task A_job_whose_host_shows_no_life_begins_anew_once_and_fails_the_next_time()
    {
        // The host that has them is none that has ever lived; this one may stand still for a while and lives all the same.
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:JobService:StalledAfter", "12s"));
        var once = await host.Submit(new Wait("once"), new JobSubmission { Delay = TimeSpan.FromHours(1) });
        var twice = await host.Submit(new Work("twice"), new JobSubmission { Delay = TimeSpan.FromHours(1) });
        host.Probe.Release("once");

        await host.Execute(
            $"UPDATE job SET state = 2, attempt = 1, host = '{Guid.Empty}', stalls = CASE WHEN type = 'Work' THEN 1 ELSE 0 END");

        var completed = await host.Until(once, JobStage.Completed);
        var failed = await host.Until(twice, JobStage.Faulted);
        Assert.Equal((2, 1), (completed.Attempt, completed.Stalls));
        Assert.Contains("showed no life", failed.Reason, StringComparison.Ordinal);
        await host.Probe.UntilHeard<JobFaulted>(faulted => faulted.JobId == twice);
        await host.Probe.UntilHeard<JobSubmitted>(submitted => submitted.JobId == once);
        await host.Probe.UntilHeard<JobStarted>(started => started.JobId == once);
        await host.Probe.UntilHeard<JobCompleted>(ended => ended.JobId == once);
        Assert.Equal(LogLevel.Information, (await Line(host, once, 16)).Level);
        var line = await Line(host, twice, 14);
        Assert.Equal((LogLevel.Warning, failed.Reason), (line.Level, line.Properties["Reason"]));
        await Eventually.True(
            async () => await host.Count("outbox_message") == 0, TimeSpan.FromSeconds(60), "all events to be sent", Cancellation);
        Assert.Single(host.Probe.Heard.OfType<JobSubmitted>(), submitted => submitted.JobId == once);
        Assert.Single(host.Probe.Heard.OfType<JobStarted>(), started => started.JobId == once);
        Assert.Single(host.Probe.Heard.OfType<JobCompleted>(), ended => ended.JobId == once);
        Assert.Single(host.Probe.Heard.OfType<JobFaulted>(), faulted => faulted.JobId == twice);
    }

    [Fact]
    public async Task Who_waits_for_a_job_hears_of_its_submission_and_of_its_failure_as_of_any_message()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var properties = new Dictionary<string, object> { ["colour"] = "red" };
        var id = await host.Submit(new Flaky(100), new JobSubmission { Properties = properties });

        var submitted = await host.Probe.UntilHeard<JobSubmitted>(submitted => submitted.JobId == id);
        var fault = await host.Probe.UntilHeard<Fault<Flaky>>(fault => fault.FaultedMessageId == id);
        await host.Probe.UntilHeard<JobFaulted>(faulted => faulted.JobId == id);
        Assert.Equal(("100", "red"), ($"{submitted.Job["failures"]}", $"{submitted.JobProperties!["colour"]}"));
        Assert.Equal(100, fault.Message.Failures);
        Assert.Contains(typeof(InvalidOperationException).FullName, fault.Exceptions!.Select(exception => exception.ExceptionType));
        Assert.Single(host.Probe.Heard.OfType<JobFaulted>(), faulted => faulted.JobId == id);

        // Who submits it again submits nothing new.
        await host.Submit(new Flaky(100), new JobSubmission { Id = id });
        await Eventually.True(
            async () => await host.Count("outbox_message") == 0, TimeSpan.FromSeconds(60), "all events to be sent", Cancellation);
        Assert.Single(host.Probe.Heard.OfType<JobSubmitted>(), again => again.JobId == id);
    }

    [Fact]
    public async Task A_job_that_fails_has_one_line_for_each_retry_and_one_at_its_end_and_no_stack_trace()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var id = await host.Submit(new Flaky(100), new JobSubmission { Tenant = "acme" });
        await host.Until(id, JobStage.Faulted);

        var lines = host.Log.Entries.Where(entry => IsOf(id, entry)).ToList();
        Assert.Equal(
            [(LogLevel.Information, 15), (LogLevel.Information, 15), (LogLevel.Warning, 14)], lines.Select(line => (line.Level, line.Id)));
        Assert.All(lines, line =>
        {
            Assert.Equal(("Flaky", "probe", "acme"), (line.Properties["JobType"], line.Properties["Queue"], line.Properties["Tenant"]));
            Assert.Contains("CorrelationId", line.Properties.Keys);
            Assert.StartsWith("failure ", (string)line.Properties["Reason"]!, StringComparison.Ordinal);
            Assert.Null(line.Exception);
        });
    }

    // A line is written when what it tells of has been committed, which others may see before.
    static async Task<LogEntry> Line(JobsHost host, Guid job, int id)
    {
        IReadOnlyList<LogEntry> Lines() => [.. host.Log.Entries.Where(entry => entry.Id == id && IsOf(job, entry))];
        await Eventually.True(() => Task.FromResult(Lines().Count > 0), TimeSpan.FromMinutes(1), $"the line {id} of a job", Cancellation);
        return Assert.Single(Lines());
    }

    static bool IsOf(Guid job, LogEntry entry) => entry.Properties.GetValueOrDefault("JobId") is Guid known && known == job;

    [Fact]
    public async Task A_host_that_is_stopped_gives_its_jobs_back_and_another_goes_on_with_them()
    {
        var database = await NewDatabase();
        await using var one = await JobsHost.Start(database);
        var id = await one.Submit(new Talk("moving"));
        await one.Probe.UntilBegun(1);
        await one.Stop();
        await using var two = await JobsHost.Start(database);
        two.Probe.Release("moving");

        var completed = await two.Until(id, JobStage.Completed);
        Assert.Equal((2, 0, 0), (completed.Attempt, completed.Failures, completed.Stalls));
        Assert.Equal(2, completed.State!.Value.GetProperty("count").GetInt32());
        Assert.Equal([1, 1, 2, 2],
            (await two.Jobs(jobs => jobs.Logs(id))).Where(line =>
                line.Text.Contains("hello", StringComparison.Ordinal) || line.Text.Contains("elsewhere", StringComparison.Ordinal))
                .Select(line => line.Attempt));
    }

    /// <summary>
    /// What is done is not done again because it cannot be told of, and what ends at the same moment does not wait for it.
    /// </summary>
    [Fact]
    public async Task A_job_whose_end_cannot_be_told_of_has_ended_all_the_same_and_is_not_run_again()
    {
        await using var host = await JobsHost.Start(await NewDatabase());
        var ids = new List<Guid>();
        string[] names = ["honest", $"sly {NewId.NextGuid()}", "true"];
        foreach (var name in names)
            ids.Add(await host.Submit(new Sly(name)));
        await host.Probe.UntilBegun(3);

        host.Probe.Release("sly jobs");

        foreach (var id in ids)
            await host.Until(id, JobStage.Completed);
        foreach (var id in new[] { ids[0], ids[2] })
            await host.Probe.UntilHeard<JobCompleted>(ended => ended.JobId == id);
        Assert.Contains("What it has said cannot be kept", (await host.Find(ids[1]))!.Reason, StringComparison.Ordinal);
        Assert.Equal(names, host.Probe.Begun.Order());
    }

    [Fact]
    public async Task A_stalled_job_that_nobody_can_be_told_of_holds_up_no_other_one()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:JobService:StalledAfter", "1200ms"));
        var later = new JobSubmission { Delay = TimeSpan.FromHours(1) };
        var job = new Sly($"sly {NewId.NextGuid()}");
        var sly = await host.Submit(job, later);
        var others = new[] { await host.Submit(new Work("one"), later), await host.Submit(new Work("two"), later) };
        job.Run();

        await host.Execute($"UPDATE job SET state = 2, attempt = 1, host = '{Guid.Empty}', stalls = 1");

        foreach (var id in others)
        {
            await host.Until(id, JobStage.Faulted);
            await host.Probe.UntilHeard<JobFaulted>(faulted => faulted.JobId == id);
        }

        Assert.Contains("showed no life", (await host.Until(sly, JobStage.Faulted)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_is_cancelled_also_where_nobody_can_be_told_of_its_parent_s_end()
    {
        await using var host = await JobsHost.Start(await NewDatabase());
        var later = new JobSubmission { Delay = TimeSpan.FromHours(1) };
        var job = new Sly($"sly {NewId.NextGuid()}");
        var parent = await host.Submit(job, later);
        var child = await host.Submit(new Work("child"), later with { Parent = parent });
        await host.Execute("UPDATE job SET state = 3 WHERE type = 'Sly'");
        job.Run();

        await host.Jobs(jobs => jobs.Cancel(child, "enough"));

        Assert.Equal("enough", (await host.Until(child, JobStage.Canceled)).Reason);
        await host.Until(parent, JobStage.Faulted);
        await host.Probe.UntilHeard<JobCanceled>(canceled => canceled.JobId == child);
    }
}
