using System.Globalization;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>Four processes on one PostgreSQL run schedules, while two of them at a time are killed at random.</summary>
public sealed class ChaosTests(PostgresFixture postgres)
{
    const int Count = 4;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    static readonly int Schedules = LongSuite.Size(30, full: 100);
    static readonly int Rounds = LongSuite.Size(3, full: 20);

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

        await using var processes = new Processes();
        for (var number = 0; number < Count; number++)
            processes.Add(Start(settings));
        foreach (var process in processes)
            await process.Says("ready", Cancellation);

        // Killed again only when a process that lives has fired: how long that takes is the machine's affair.
        var random = new Random(7);
        await UntilMoreIsFired();
        for (var round = 0; round < Rounds; round++)
        {
            for (var victim = 0; victim < 2; victim++)
            {
                var index = random.Next(processes.Count);
                await processes[index].DisposeAsync();
                processes[index] = Start(settings);
            }

            await UntilMoreIsFired();
        }

        await Eventually.True(
            async () => (await All(schedules)).Select(run => run.Schedule).Distinct().Count() == Schedules,
            Patience,
            "every schedule to be fired",
            Cancellation);

        // Nothing new is due after the pause; what is on its way is waited for.
        foreach (var schedule in await schedules.List(Cancellation))
            await schedules.Pause(schedule.Name, Cancellation);
        await Eventually.True(
            async () => (await Rings(watcher)).Count == (await All(schedules)).Count, Patience, "all messages to be handled", Cancellation);
        var runs = await All(schedules);
        var rings = await Rings(watcher);
        await processes.DisposeAsync();
        await watcher.StopAsync(Cancellation);

        foreach (var schedule in runs.GroupBy(run => run.Schedule))
        {
            var times = schedule.Select(run => run.ScheduledAt).Order().ToList();
            var every = int.Parse(schedule.Key.Split('-')[1], CultureInfo.InvariantCulture);
            var expected = Enumerable.Range(0, (int)(times[^1] - times[0]).TotalSeconds + 1)
                .Select(second => times[0].AddSeconds(second))
                .Where(time => time.Second % every == 0);
            Assert.Equal(expected, times);
        }

        Assert.Equal(
            runs.Select(run => (run.Schedule, run.ScheduledAt.ToUnixTimeMilliseconds())).Order(),
            rings.Select(ring => (ring.Schedule, ring.At)).Order());
        TestContext.Current.SendDiagnosticMessage($"{runs.Count} occurrences, {2 * Rounds} processes killed");

        async Task UntilMoreIsFired()
        {
            var before = (await All(schedules)).Count;
            await Eventually.True(async () => (await All(schedules)).Count > before, Patience, "a live process to fire", Cancellation);
        }
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

    static ServerProcess Start(Dictionary<string, string?> settings) => ServerProcess.StartChild(
        "The host", typeof(ChaosHost).Assembly, [$"{Schedules}", .. settings.Select(pair => $"{pair.Key}={pair.Value}")]);

    sealed class Processes : List<ServerProcess>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var process in this)
                await process.DisposeAsync();
        }
    }
}
