using System.Diagnostics;

namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    // Forty days in milliseconds.
    const long Wrong = 3_456_000_000;

    [Fact]
    public async Task Jobs_that_ended_by_a_clock_which_was_ahead_push_none_out_of_the_history_that_end_later()
    {
        await using var host = await JobsHost.Start(
            await NewDatabase(), ("Bus:JobService:KeepCompleted", "2"), ("Bus:JobService:PollInterval", "200ms"));
        foreach (var name in new[] { "one", "two" })
            await host.Until(await host.Submit(new Work(name)), JobStage.Completed);
        await host.Execute($"UPDATE job SET ended = ended + {Wrong}");

        var later = new[] { await host.Submit(new Work("three")), await host.Submit(new Work("four")) };

        await Eventually.True(
            async () => await host.Count("job", "state = 4") == 2
                && (await host.Find(later[0]))?.Stage == JobStage.Completed && (await host.Find(later[1]))?.Stage == JobStage.Completed,
            TimeSpan.FromSeconds(60), "the two that ended last to be kept", Cancellation);
    }

    [Fact]
    public async Task Jobs_that_a_clock_which_was_ahead_has_delayed_wait_no_longer_when_it_is_put_right()
    {
        var (database, delay) = (await NewDatabase(), TimeSpan.FromSeconds(10));
        Guid later;
        await using (var host = await JobsHost.Start(database))
        {
            later = await host.Submit(new Work("later"), new JobSubmission { Delay = delay });
            await host.Until(await host.Submit(new Busy((int)delay.TotalSeconds)), JobStage.Scheduled);
            await host.Submit(new Work("much later"), new JobSubmission { Delay = TimeSpan.FromHours(1) });
            var changed = await host.Execute(
                $"UPDATE job SET created = created + {Wrong}, started = started + {Wrong}, due = due + {Wrong} WHERE state = 0");
            Assert.Equal(3, changed);
        }

        var watch = Stopwatch.StartNew();
        await using var second = await JobsHost.Start(database);
        await second.Until(later, JobStage.Completed);
        Assert.True(watch.Elapsed >= delay - TimeSpan.FromSeconds(1), $"It has waited {watch.Elapsed}.");
        await second.Probe.UntilBegun(2);
        Assert.Equal(["busy", "later"], second.Probe.Begun.Order());
    }

    [Fact]
    public async Task A_clock_that_jumps_ahead_while_a_job_runs_does_not_put_its_next_attempt_off()
    {
        await using var host = await JobsHost.Start(await NewDatabase());
        await host.Submit(new Busy(1_000, "gate"));
        await host.Probe.UntilBegun(1);
        // As long before the clock of now.
        await host.Execute($"UPDATE job SET started = started - {Wrong}");
        host.Probe.Release("gate");

        await host.Probe.UntilBegun(2);
    }
}
