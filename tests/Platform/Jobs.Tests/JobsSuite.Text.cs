namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    const string Unclean = "a\0b\ud800c";
    const string Clean = "a\uFFFDb\uFFFDc";

    [Fact]
    public async Task Text_that_no_database_stores_is_cleaned_wherever_a_job_writes_it_and_the_job_ends()
    {
        await using var host = await JobsHost.Start(await NewDatabase());

        var completed = await host.Until(await host.Submit(new Dirty(Unclean)), JobStage.Completed);
        var failed = await host.Until(await host.Submit(new Dirty(Unclean, Fails: true)), JobStage.Faulted);
        var waiting = await host.Submit(new Wait(Unclean), new JobSubmission { Delay = TimeSpan.FromHours(1) });
        await host.Jobs(jobs => jobs.Cancel(waiting, Unclean));
        var batch = await host.Jobs(jobs => jobs.SubmitBatch([new Work(Unclean)], new BatchSubmission { Name = Unclean }, Cancellation));

        Assert.Equal(Clean, completed.Reason);
        // What it has saved is JSON, which any database stores as it is.
        Assert.Equal("a\0b\uFFFDc", completed.State!.Value.GetProperty("text").GetString());
        Assert.Contains(Clean, failed.Reason, StringComparison.Ordinal);
        Assert.Equal(Clean, (await host.Until(waiting, JobStage.Canceled)).Reason);
        Assert.Equal(Clean, (await host.Jobs(jobs => jobs.FindBatch(batch, Cancellation)))!.Name);
        await Eventually.True(
            async () => await host.Count("job_log", $"text = 'dirty {Clean}' AND category LIKE 'dirty {Clean}'") == 2,
            TimeSpan.FromSeconds(60), "the log lines", Cancellation);
    }

    [Fact]
    public async Task An_end_that_the_database_refuses_is_kept_without_its_texts_and_keeps_no_other_from_being_written()
    {
        await using var host = await JobsHost.Start(await NewDatabase());
        await host.Execute(host.Services.GetRequiredService<BusDatabase>().Provider == DatabaseProvider.PostgreSql
            ? "ALTER TABLE job ADD CONSTRAINT poison CHECK (exceptions NOT LIKE '%poison%')"
            : """
              CREATE TRIGGER poison BEFORE UPDATE OF exceptions ON job WHEN NEW.exceptions LIKE '%poison%'
              BEGIN SELECT RAISE(ABORT, 'refused'); END
              """);

        var poison = await host.Submit(new Dirty("poison", Fails: true));
        var good = await host.Jobs(jobs => jobs.SubmitMany(Enumerable.Range(0, 50).Select(number => new Work($"{number}"))));
        var alike = await host.Submit(new Dirty("poison", Fails: true));

        foreach (var id in good)
            await host.Until(id, JobStage.Completed);
        foreach (var id in new[] { poison, alike })
            Assert.StartsWith(
                "What it has said cannot be kept: ", (await host.Until(id, JobStage.Faulted)).Reason, StringComparison.Ordinal);
        Assert.Equal(good.Count, host.Probe.Begun.Count(name => name != "poison"));
        Assert.Equal(2, host.Probe.Begun.Count(name => name == "poison"));
    }
}
