namespace Maestro.Bus.Jobs.Tests;

public abstract partial class JobsSuite
{
    [Fact]
    public async Task A_job_that_is_killed_at_step_six_resumes_at_step_six()
    {
        // A host that only stands still for a while is not to be taken for dead.
        const string stalledAfter = "Bus:JobService:StalledAfter=12s";
        var database = await NewDatabase();
        using var host = ChaosHost.Build(database.Append(new("Bus:JobService:Run", "false")));
        await host.StartAsync(Cancellation);
        var id = await Jobs(host, jobs => jobs.Submit(new Steps(10, StaysIn: 6)));

        await using (var killed = await StartProcess(database, stalledAfter))
        {
            await Eventually.True(
                async () => (await Logs(host, id)).Contains((1, "step 6")), TimeSpan.FromSeconds(60), "step 6", Cancellation);
            await killed.Kill();
        }

        await EndLeases(host);
        await using var next = await StartProcess(database, stalledAfter);
        await Eventually.True(
            async () => (await Find(host, id))?.Stage == JobStage.Completed, TimeSpan.FromSeconds(60), "the job to complete", Cancellation);
        await next.Kill();
        await using var scope = host.Services.CreateAsyncScope();
        var state = await scope.ServiceProvider.GetRequiredService<IRequestClient<GetJobState>>().GetJobState(id);

        Assert.Equal(1, state.LastRetryAttempt);
        Assert.Equal(["step 6", "step 7", "step 8", "step 9", "step 10"],
            (await Logs(host, id)).Where(line => line.Attempt == 2).Select(line => line.Text));
        Assert.Equal((2, 1, 10L, 10L), ((await Find(host, id))!.Attempt, (await Find(host, id))!.Stalls, (await Find(host, id))!.Progress,
            (await Find(host, id))!.ProgressLimit));
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_job_that_kills_its_host_twice_has_failed()
    {
        var database = await NewDatabase();
        using var host = ChaosHost.Build(database.Append(new("Bus:JobService:Run", "false")));
        await host.StartAsync(Cancellation);
        var id = await Jobs(host, jobs => jobs.Submit(new Deadly()));

        // It may have killed its host before that has said that it is ready.
        for (var round = 0; round < 2; round++)
        {
            await using (var process = BeginProcess(database))
                await process.Ended(Cancellation);
        }

        await using var last = await StartProcess(database);
        await Eventually.True(
            async () => (await Find(host, id))?.Stage == JobStage.Faulted, TimeSpan.FromSeconds(60), "the job to fail", Cancellation);
        await last.Kill();
        Assert.Contains("2 times", (await Find(host, id))!.Reason, StringComparison.Ordinal);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task Of_hosts_that_are_killed_in_the_middle_of_a_batch_nothing_is_lost_and_it_ends_once()
    {
        var database = await NewDatabase();
        using var host = ChaosHost.Build(database.Concat([new("Bus:JobService:Run", "false"), new("Bus:JobService:MaxStalls", "100")]));
        await host.StartAsync(Cancellation);
        var batch = await Jobs(host, jobs => jobs.SubmitBatch(Enumerable.Range(0, 2_000).Select(number => new Short(number))));

        for (var round = 1; round <= 3; round++)
        {
            await using var process = await StartProcess(database, "Bus:JobService:MaxStalls=100");
            await Eventually.True(async () => (await Batch(host, batch)).Remaining <= 2_000 - 400 * round, TimeSpan.FromSeconds(60),
                "some jobs", Cancellation);
            await process.Kill();
        }

        await using var last = await StartProcess(database, "Bus:JobService:MaxStalls=100");
        await Eventually.True(
            async () => (await Batch(host, batch)).Ended is not null, TimeSpan.FromSeconds(60), "the batch to end", Cancellation);
        await last.Kill();
        Assert.Equal(
            (2_000, 0, 0), ((await Batch(host, batch)).Completed, (await Batch(host, batch)).Failed, (await Batch(host, batch)).Remaining));
        await host.StopAsync(Cancellation);
    }

    static async Task<ServerProcess> StartProcess(Dictionary<string, string?> settings, params string[] more)
    {
        var process = BeginProcess(settings, more);
        await process.Says("ready", Cancellation);
        return process;
    }

    static ServerProcess BeginProcess(Dictionary<string, string?> settings, params string[] more) => ServerProcess.StartChild(
        "The host", typeof(ChaosHost).Assembly, [.. settings.Select(setting => $"{setting.Key}={setting.Value}"), .. more]);

    // Nobody waits for the time that hosts have to show that they live.
    static async Task EndLeases(IHost host)
    {
        await using var connection = await host.Services.GetRequiredService<BusDatabase>().Open(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE job_host SET expires = 0";
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    static async Task<T> Jobs<T>(IHost host, Func<IJobs, Task<T>> use)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<IJobs>());
    }

    static Task<JobInfo?> Find(IHost host, Guid id) => Jobs(host, jobs => jobs.Find(id, Cancellation));

    static async Task<JobBatchInfo> Batch(IHost host, Guid id) => (await Jobs(host, jobs => jobs.FindBatch(id, Cancellation)))!;

    static async Task<List<(int Attempt, string Text)>> Logs(IHost host, Guid id) =>
        [.. (await Jobs(host, jobs => jobs.Logs(id, cancellationToken: Cancellation)))
            .Where(line => line.Text.StartsWith("step", StringComparison.Ordinal)).Select(line => (line.Attempt, line.Text))];
}
