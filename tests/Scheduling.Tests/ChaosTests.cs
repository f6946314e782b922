using System.Diagnostics;
using System.Globalization;

namespace MaestroBus.Scheduling.Tests;

/// <summary>Four processes on one PostgreSQL run 100 schedules, while two of them at a time are killed at random.</summary>
public sealed class ChaosTests(PostgresFixture postgres)
{
    const int Schedules = 100;
    const int Processes = 4;

    // Three minutes by hand: CHAOS_SECONDS=180.
    static readonly TimeSpan Length = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("CHAOS_SECONDS") ?? "20", CultureInfo.InvariantCulture));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_occurrence_is_fired_once_and_handled_once()
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "sqlite",
            ["Bus:Sqlite:Path"] = folder.At("bus.db"),
            ["Bus:Database:Provider"] = "postgresql",
            ["Bus:Database:ConnectionString"] = await postgres.Server.CreateDatabase(Cancellation),
            ["Bus:Database:Migrate"] = "true",
            ["Bus:Database:Outbox:Lease"] = "2s",
            ["Bus:Queues:chaos:Attempts"] = "10",
            ["Bus:Queues:chaos:FirstRetryDelay"] = "1s",
        };
        using var watcher = ChaosHost.Build(settings.Append(new("Bus:Scheduling:Run", "false")), Schedules);
        await watcher.StartAsync(Cancellation);
        var schedules = watcher.Services.GetRequiredService<ISchedules>();

        var processes = new List<Process>();
        for (var number = 0; number < Processes; number++)
            processes.Add(Start(settings));
        foreach (var process in processes)
            await process.StandardOutput.ReadLineAsync(Cancellation);

        var killed = 0;
        var random = new Random(7);
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        while (clock.Elapsed < Length && await timer.WaitForNextTickAsync(Cancellation))
            for (var victim = 0; victim < 2; victim++)
            {
                var index = random.Next(processes.Count);
                await Kill(processes[index]);
                processes[index] = Start(settings);
                killed++;
            }

        // Nothing new is due after the pause; what is on its way is waited for.
        foreach (var schedule in await schedules.List(Cancellation))
            await schedules.Pause(schedule.Name, Cancellation);
        var runs = await All(schedules);
        await Eventually.True(async () => (await Rings(watcher)).Count >= runs.Count, TimeSpan.FromSeconds(60), "all messages to be handled", Cancellation);
        var rings = await Rings(watcher);
        foreach (var process in processes)
            await Kill(process);
        await watcher.StopAsync(Cancellation);

        Assert.True(killed > 0);
        Assert.Equal(Schedules, runs.Select(run => run.Schedule).Distinct().Count());
        foreach (var schedule in runs.GroupBy(run => run.Schedule))
        {
            var times = schedule.Select(run => run.ScheduledAt).Order().ToList();
            var every = int.Parse(schedule.Key.Split('-')[1], CultureInfo.InvariantCulture);
            var expected = Enumerable.Range(0, (int)(times[^1] - times[0]).TotalSeconds + 1).Select(second => times[0].AddSeconds(second)).Where(time => time.Second % every == 0);
            Assert.Equal(expected, times);
        }

        Assert.Equal(
            runs.Select(run => (run.Schedule, run.ScheduledAt.ToUnixTimeMilliseconds())).Order(),
            rings.Select(ring => (ring.Schedule, ring.At)).Order());
        TestContext.Current.SendDiagnosticMessage($"{runs.Count} occurrences, {killed} processes killed in {clock.Elapsed.TotalSeconds:0} s");
        Console.WriteLine($"{runs.Count} occurrences, {killed} processes killed in {clock.Elapsed.TotalSeconds:0} s");
    }

    static async Task<List<ScheduleRun>> All(ISchedules schedules)
    {
        List<ScheduleRun> runs = [];
        foreach (var schedule in await schedules.List(Cancellation))
            runs.AddRange(await schedules.History(schedule.Name, 1_000, Cancellation));
        return runs;
    }

    static async Task<List<Ring>> Rings(Microsoft.Extensions.Hosting.IHost host)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ChaosContext>().Rings.AsNoTracking().ToListAsync(Cancellation);
    }

    static Process Start(Dictionary<string, string?> settings) => Process.Start(new ProcessStartInfo(
        "dotnet", [typeof(ChaosHost).Assembly.Location, $"{Schedules}", .. settings.Select(pair => $"{pair.Key}={pair.Value}")])
    {
        RedirectStandardOutput = true,
    })!;

    static async Task Kill(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
