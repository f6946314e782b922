using System.Diagnostics;

namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    [Fact]
    public async Task A_schedule_starts_a_job_and_leaves_runs_out_while_it_runs_and_the_history_tells_how_it_ended()
    {
        await using var host = await JobsHost.Start(
            await NewDatabase(), ("Bus:Schedules:recurring:Interval", "1s"), ("Bus:Schedules:recurring:Overlap", "Skip"),
            ("Bus:Schedules:recurring:Message", typeof(Wait).FullName),
            ("Bus:Schedules:recurring:Payload", """{ "name": "recurring" }"""), ("Bus:Schedules:recurring:Tenant", "acme"));
        var schedules = host.Services.GetRequiredService<ISchedules>();

        await host.Probe.UntilBegun(1);
        var running = Stopwatch.StartNew();
        var runs = await Runs(schedules, found => found.Count(run => run.State == RunState.Skipped) >= 2);
        var job = (await host.Find(runs[^1].Id))!;
        Assert.Equal((1, RunState.Sent), (host.Probe.Begun.Count, runs[^1].State));
        Assert.Equal(("Wait", JobStage.Running, "acme"), (job.Type, job.Stage, job.Tenant));

        running.Stop();
        host.Probe.Release("recurring");
        await host.Probe.UntilBegun(2);
        var first = (await Runs(schedules, found => found[^1].State == RunState.Succeeded))[^1];
        Assert.Equal((1, null), (first.Attempts, first.Error));
        // Its times are whole milliseconds.
        Assert.True(first.Duration >= running.Elapsed - TimeSpan.FromMilliseconds(5), $"It took {first.Duration} of {running.Elapsed}.");
    }

    [Fact]
    public async Task A_schedule_s_jobs_wait_for_slots_where_it_does_not_leave_them_out_and_one_that_is_cancelled_is_a_failed_run()
    {
        await using var host = await JobsHost.Start(
            await NewDatabase(), ("Bus:Jobs:Wait:Concurrency", "1"), ("Bus:Schedules:recurring:Cron", "0 0 1 1 *"),
            ("Bus:Schedules:recurring:Message", typeof(Wait).FullName),
            ("Bus:Schedules:recurring:Payload", """{ "name": "recurring" }"""));
        var schedules = host.Services.GetRequiredService<ISchedules>();

        var first = (await schedules.Trigger("recurring", Cancellation))!;
        await host.Until(first.Id, JobStage.Running);
        var second = (await schedules.Trigger("recurring", Cancellation))!;
        await host.Until(second.Id, JobStage.Ready);
        await host.Jobs(jobs => jobs.Cancel(first.Id, "not wanted", Cancellation));
        await host.Until(second.Id, JobStage.Running);
        host.Probe.Release("recurring");

        var runs = await Runs(schedules, found => found.All(run => run.State != RunState.Sent));
        Assert.Equal([(second.Id, RunState.Succeeded, null), (first.Id, RunState.Failed, "It was cancelled: not wanted")],
            runs.Select(run => (run.Id, run.State, run.Error)));
    }

    static Task<IReadOnlyList<ScheduleRun>> Runs(ISchedules schedules, Func<IReadOnlyList<ScheduleRun>, bool> are) => Eventually.Some(
        async () => await schedules.History("recurring", 1_000, Cancellation) is { Count: > 0 } runs && are(runs) ? runs : null,
        TimeSpan.FromSeconds(60), "the runs", Cancellation);
}
