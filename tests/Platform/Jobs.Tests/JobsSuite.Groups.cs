namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    [Fact]
    public async Task A_batch_of_a_thousand_calls_back_once()
    {
        var database = await NewDatabase();
        await using var one = await JobsHost.Start(database);
        await using var two = await JobsHost.Start(database);

        var id = await one.Jobs(jobs => jobs.SubmitBatch(
            Enumerable.Range(0, 1_000).Select(number => new Work($"{number}")),
            new BatchSubmission { Name = "thousand", WhenEnded = new AllDone("thousand") }, Cancellation));
        await Eventually.True(
            () => Task.FromResult(one.Probe.Heard.Concat(two.Probe.Heard).OfType<AllDone>().Any()), TimeSpan.FromSeconds(60),
            "the callback", Cancellation);
        await Eventually.True(
            async () => await one.Count("outbox_message") == 0 && await one.Count("job", "state < 4") == 0, TimeSpan.FromSeconds(60),
            "everything to be sent", Cancellation);

        var batch = await one.Jobs(jobs => jobs.FindBatch(id));
        Assert.Equal((1_000, 0, 1_000, 0), (batch!.Total, batch.Remaining, batch.Completed, batch.Failed));
        Assert.Single(one.Probe.Heard.Concat(two.Probe.Heard).OfType<AllDone>());
        Assert.Equal(1_000, one.Probe.Begun.Concat(two.Probe.Begun).Distinct().Count());
    }

    [Fact]
    public async Task A_batch_tells_of_those_that_failed_and_one_without_jobs_has_ended()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var mixed = await host.Jobs(jobs =>
            jobs.SubmitBatch(
                Enumerable.Range(0, 5).Select(number => new Flaky(99, IsInvalid: number > 2)), new BatchSubmission { Name = "mixed" }));
        var empty = await host.Jobs(jobs => jobs.SubmitBatch<Work>([], new BatchSubmission { Name = "empty" }));

        var told = await host.Probe.UntilHeard<JobBatchCompleted>(batch => batch.BatchId == mixed);
        Assert.Equal((5, 0, 5, 0), (told.Total, told.Completed, told.Faulted, told.Canceled));
        Assert.Equal(0, (await host.Probe.UntilHeard<JobBatchCompleted>(batch => batch.BatchId == empty)).Total);
    }

    [Fact]
    public async Task A_batch_that_is_submitted_again_is_the_same_and_one_that_is_cancelled_calls_back_too()
    {
        await using var host = await JobsHost.Start(await NewDatabase());
        var id = NewId.NextGuid();
        Wait[] jobs = [new("1"), new("2"), new("3")];

        await host.Jobs(service => service.SubmitBatch(jobs, new BatchSubmission { Id = id }));
        await host.Jobs(service => service.SubmitBatch(jobs, new BatchSubmission { Id = id }));
        await host.Probe.UntilBegun(2);
        Assert.Equal(3, await host.Count("job"));
        Assert.Equal(3, await host.Jobs(service => service.CancelBatch(id, "enough")));

        Assert.Equal(3, (await host.Probe.UntilHeard<JobBatchCompleted>()).Canceled);
    }

    [Theory]
    [InlineData(0, JobStage.Completed)]
    [InlineData(1, JobStage.Faulted)]
    public async Task A_parent_ends_with_its_last_child(int failing, JobStage expected)
    {
        await using var host = await JobsHost.Start(await NewDatabase(), ("Bus:Jobs:Wait:Concurrency", "10"));

        var id = await host.Submit(new Family(3, failing));
        var waiting = await host.Until(id, JobStage.WaitingForChildren);
        await host.Probe.UntilBegun(4);
        await host.Count("job");
        for (var child = 0; child < 3; child++)
            host.Probe.Release($"child {child}");
        var ended = await host.Until(id, expected);

        Assert.InRange(waiting.Children, 1, 3);
        Assert.Equal(0, ended.Children);
        Assert.Equal(expected == JobStage.Faulted ? "1 of its children did not complete" : null, ended.Reason);
        if (expected == JobStage.Completed)
            await host.Probe.UntilHeard<JobCompleted>(completed => completed.JobId == id);
        else
            await host.Probe.UntilHeard<JobFaulted>(faulted => faulted.JobId == id);
    }

    [Fact]
    public async Task A_parent_that_is_cancelled_takes_its_children_with_it()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var id = await host.Submit(new Family(4, 0));
        await host.Until(id, JobStage.WaitingForChildren);
        await host.Probe.UntilBegun(3);
        await host.Bus.CancelJob(id, "enough");

        await host.Until(id, JobStage.Canceled, Soon);
        await Eventually.True(async () => await host.Count("job", "state = 6") == 5, Soon, "all to be cancelled", Cancellation);
    }
}
