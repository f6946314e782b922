using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>Which of several hosts on one SQLite file runs the schedules.</summary>
public sealed class LeaseTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Stopwatches _time = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_says_nothing_for_three_seconds_by_another_s_stopwatch_loses_the_lease_and_knows_it()
    {
        await using var host = await Migrated();
        var (one, other) = (Lead(host), Lead(host));

        Assert.True(await one.TryHold(Cancellation));
        Assert.True(await one.TryHold(Cancellation));
        Assert.False(await other.TryHold(Cancellation));
        _time.Pass(HostLease.Silence - TimeSpan.FromMilliseconds(1));
        Assert.False(await other.TryHold(Cancellation));
        _time.Pass(TimeSpan.FromMilliseconds(1));

        Assert.False(one.IsHeld);
        Assert.True(await other.TryHold(Cancellation));
        Assert.True(other.IsHeld);
        Assert.False(await one.TryHold(Cancellation));
        Assert.True(await other.TryHold(Cancellation));
    }

    [Fact]
    public async Task A_host_that_lives_keeps_the_lease_whatever_the_clocks_say()
    {
        await using var host = await Migrated();
        var (one, other) = (Lead(host), Lead(host));

        Assert.True(await one.TryHold(Cancellation));
        for (var second = 0; second < 20; second++)
        {
            _time.Now += TimeSpan.FromDays(second % 2 == 0 ? 40 : -40);
            _time.Pass(HostLease.Silence);
            Assert.False(await other.TryHold(Cancellation));
            Assert.True(await one.TryHold(Cancellation));
        }
    }

    [Fact]
    public async Task A_lease_that_is_given_back_is_taken_at_once()
    {
        await using var host = await Migrated();
        var (one, other) = (Lead(host), Lead(host));

        Assert.True(await one.TryHold(Cancellation));
        Assert.False(await other.TryHold(Cancellation));
        await other.Release(Cancellation);
        Assert.False(await other.TryHold(Cancellation));
        await one.Release(Cancellation);

        Assert.True(await other.TryHold(Cancellation));
    }

    [Fact]
    public async Task When_the_host_that_fires_is_frozen_another_fires_and_the_first_stays_away_when_it_wakes()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "sqlite",
            ["Bus:Sqlite:Path"] = _folder.At("bus.db"),
            ["Bus:Database:Path"] = _folder.At("state.db"),
            ["Bus:Database:Migrate"] = "true",
        };
        using var watcher = ChaosHost.Build(settings.Append(new("Bus:Scheduling:Run", "false")), 3);
        await watcher.StartAsync(Cancellation);
        await using var first = Start(settings);
        await using var second = Start(settings);

        try
        {
            await first.Says("ready", Cancellation);
            await second.Says("ready", Cancellation);
            var schedules = watcher.Services.GetRequiredService<ISchedules>();
            await Eventually.True(async () => (await Runs(schedules)).Count > 3, TimeSpan.FromSeconds(60), "the first runs", Cancellation);

            // The other one may stand still on a busy machine, for long enough to lose the lease by right: then it is tried once more.
            var isAlone = false;
            for (var round = 0; round < 3 && !isAlone; round++)
            {
                var (holder, other) = await Holder() == first.Id ? (first, second) : (second, first);
                await holder.Freeze([_folder.At("state.db"), _folder.At("bus.db")], Cancellation);
                var frozen = TimeProvider.System.GetUtcNow();
                await Eventually.True(
                    async () => (await Runs(schedules)).Any(run => IsOf(other, run) && run.ScheduledAt > frozen), TimeSpan.FromSeconds(60),
                    "the other host to fire", Cancellation);

                await holder.Signal("CONT");
                await Eventually.True(
                    async () => await Holder() != other.Id
                        || (isAlone = (await Runs(schedules)) is { Count: > 30 } fired && fired[^10..].TrueForAll(run => IsOf(other, run))),
                    TimeSpan.FromSeconds(60), "the other host to go on alone", Cancellation);
            }

            Assert.True(isAlone, "The host that was frozen has taken the lease again.");
            var runs = await Runs(schedules);
            Assert.All(runs.GroupBy(run => run.Schedule), schedule =>
            {
                var times = schedule.Select(run => run.ScheduledAt).Order().ToList();
                var step = times[1] - times[0];
                Assert.Equal(Enumerable.Range(0, times.Count).Select(index => times[0] + step * index), times);
            });
        }
        finally
        {
            await watcher.StopAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_host_that_has_lost_the_lease_says_so_in_one_line()
    {
        await using var host = await TestHost.Start(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "memory",
            ["Bus:Database:Path"] = _folder.At("state.db"),
        });
        await UntilLogged("This process runs the schedules");

        await using (var connection = await host.Services.GetRequiredService<BusDatabase>().Open(Cancellation))
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = """
                INSERT INTO lease_host (lease_group, host, beat) VALUES ('schedules', 'other', 7);
                UPDATE lease SET host = 'other' WHERE lease_group = 'schedules'
                """;
            await command.ExecuteNonQueryAsync(Cancellation);
        }

        await UntilLogged("has lost the lease on the schedules");
        var line = Assert.Single(host.Log.Entries, entry => entry.Text.Contains("has lost the lease", StringComparison.Ordinal));
        Assert.Equal((LogLevel.Warning, 9), (line.Level, line.Id));
        Assert.Null(line.Exception);

        Task UntilLogged(string text) => Eventually.True(
            () => Task.FromResult(host.Log.All.Any(entry => entry.Contains(text, StringComparison.Ordinal))), TimeSpan.FromMinutes(1), text,
            Cancellation);
    }

    [Fact]
    public async Task Schedules_that_no_host_runs_are_degraded_where_this_host_could_run_them()
    {
        var settings = new SchedulingSettings();
        var watch = new HolderWatch(settings, _time);

        _time.Pass(HolderWatch.Patience + settings.SweepInterval);
        Assert.Equal(HealthStatus.Healthy, (await Check()).Status);
        _time.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal((HealthStatus.Degraded, "No host has run the schedules for 16 s: no host holds the lease on them."),
            ((await Check()).Status, (await Check()).Description));
        watch.Seen();
        Assert.Equal(HealthStatus.Healthy, (await Check()).Status);

        settings.Run = false;
        _time.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(HealthStatus.Healthy, (await Check()).Status);

        Task<HealthCheckResult> Check() => new SchedulesCheck(watch).CheckHealthAsync(new HealthCheckContext(), Cancellation);
    }

    [Fact]
    public async Task While_another_process_does_not_let_go_of_the_file_the_schedules_are_degraded_and_the_host_is_ready()
    {
        await using var host = await TestHost.Start(new Dictionary<string, string?>
        {
            ["Bus:Transport"] = "memory",
            ["Bus:Database:Path"] = _folder.At("state.db"),
            ["Bus:Scheduling:SweepInterval"] = "1s",
        });
        var health = host.Services.GetRequiredService<HealthCheckService>();
        await Until(HealthStatus.Healthy);

        await using (var connection = new SqliteConnection($"Data Source={_folder.At("state.db")};Pooling=False"))
        {
            await connection.OpenAsync(Cancellation);
            await using var transaction = connection.BeginTransaction(deferred: false);
            await Until(HealthStatus.Degraded);
        }

        await Until(HealthStatus.Healthy);

        Task Until(HealthStatus status) => Eventually.True(
            async () => (await health.CheckHealthAsync(check => check.Name == SchedulesCheck.Name,
                Cancellation)).Entries[SchedulesCheck.Name] is var entry
                && entry.Status == status && entry.Tags.Contains(HealthTags.Tolerated),
            TimeSpan.FromMinutes(1), $"schedules that are {status}", Cancellation);
    }

    public void Dispose() => _folder.Dispose();

    Task<TestHost> Migrated() => TestHost.Start(new Dictionary<string, string?>
    {
        ["Bus:Transport"] = "memory",
        ["Bus:Database:Path"] = _folder.At("state.db"),
        ["Bus:Scheduling:Run"] = "false",
    });

    HostLease Lead(TestHost host) => new(host.Services.GetRequiredService<BusDatabase>(), SchedulerService.Lease, _time);

    static async Task<List<ScheduleRun>> Runs(ISchedules schedules)
    {
        List<ScheduleRun> runs = [];
        foreach (var schedule in await schedules.List(Cancellation))
            runs.AddRange(await schedules.History(schedule.Name, 1_000, Cancellation));
        return [.. runs.OrderBy(run => run.FiredAt)];
    }

    static bool IsOf(ServerProcess process, ScheduleRun run) => run.FiredBy.EndsWith($"-{process.Id}", StringComparison.Ordinal);

    async Task<int> Holder()
    {
        await using var connection = new SqliteConnection($"Data Source={_folder.At("state.db")};Pooling=False");
        await connection.OpenAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT host FROM lease WHERE lease_group = 'schedules'";
        return int.Parse(
            ((string)(await command.ExecuteScalarAsync(Cancellation))!).Split('-')[^2], System.Globalization.CultureInfo.InvariantCulture);
    }

    static ServerProcess Start(Dictionary<string, string?> settings) => ServerProcess.StartChild(
        "The host", typeof(ChaosHost).Assembly, ["3", .. settings.Select(pair => $"{pair.Key}={pair.Value}")]);
}
