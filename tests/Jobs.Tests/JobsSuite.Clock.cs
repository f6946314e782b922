namespace MaestroBus.Jobs.Tests;

public abstract partial class JobsSuite
{
    [Fact]
    public async Task Jobs_that_ended_by_a_clock_which_was_ahead_push_none_out_of_the_history_that_end_later()
    {
        await using var host = await JobsHost.Start(
            await NewDatabase(), ("Bus:JobService:KeepCompleted", "2"), ("Bus:JobService:PollInterval", "200ms"));
        foreach (var name in new[] { "one", "two" })
            await host.Until(await host.Submit(new Work(name)), JobStage.Completed);
        await host.Execute("UPDATE job SET ended = ended + 3456000000");

        var later = new[] { await host.Submit(new Work("three")), await host.Submit(new Work("four")) };

        await Eventually.True(
            async () => await host.Count("job", "state = 4") == 2
                && (await host.Find(later[0]))?.Stage == JobStage.Completed && (await host.Find(later[1]))?.Stage == JobStage.Completed,
            TimeSpan.FromSeconds(60), "the two that ended last to be kept", Cancellation);
    }
}
