namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    [Fact]
    public async Task The_meter_tells_what_runs_and_what_has_become_of_jobs()
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:Jobs:Wait:Concurrency", "1"));
        using var meter = new Meter(host);

        var running = await host.Submit(new Wait("running"));
        await host.Until(running, JobStage.Running);
        var waiting = await host.Submit(new Wait("waiting"));
        await Until(() => meter.Of("bus.jobs.running", "Wait") == 1);
        await host.Jobs(jobs => jobs.Cancel(waiting, "not wanted", Cancellation));
        host.Probe.Release("running");
        await host.Until(running, JobStage.Completed);
        await host.Until(await host.Submit(new Flaky(1)), JobStage.Completed);
        await host.Until(await host.Submit(new Flaky(0, IsInvalid: true)), JobStage.Faulted);

        await Until(() => meter.Of("bus.jobs.failed", "Flaky") == 1);
        Assert.Equal((1, 1, 1, 0), (meter.Of("bus.jobs.started", "Wait"), meter.Of("bus.jobs.completed", "Wait"),
            meter.Of("bus.jobs.cancelled", "Wait"), meter.Of("bus.jobs.running", "Wait")));
        Assert.Equal((3, 1, 1, 3), (meter.Of("bus.jobs.started", "Flaky"), meter.Of("bus.jobs.completed", "Flaky"),
            meter.Of("bus.jobs.retried", "Flaky"), meter.Of("bus.jobs.duration", "Flaky")));

        Task Until(Func<bool> condition) =>
            Eventually.True(() => Task.FromResult(condition()), TimeSpan.FromSeconds(60), "the meter", Cancellation);
    }
}
