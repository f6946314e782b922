namespace Maestro.Bus.Scheduling.Tests;

/// <summary>A clock that is wrong for a while: what it has a running host do, and what comes of it when it is put right.</summary>
public sealed class ClockTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
    static readonly TimeSpan Wrong = TimeSpan.FromDays(40);

    readonly MovableClock _clock = new(Noon);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(nameof(ScheduleStoreKind.Database))]
    [InlineData(nameof(ScheduleStoreKind.Memory))]
    public async Task A_clock_that_was_ahead_and_is_put_right_costs_seconds(string store)
    {
        await using var host = await Start(store);
        await Pass(host, Noon.AddSeconds(6));
        await Pass(host, Noon + Wrong);
        await Pass(host, Noon + Wrong + TimeSpan.FromSeconds(4));

        // Fifteen seconds are over.
        await Pass(host, Noon.AddSeconds(15));
        await Pass(host, Noon.AddSeconds(21));

        foreach (var name in new[] { "seconds", "interval", "skip" })
        {
            var due = await Due(host, name);
            Assert.Contains(due, time => time >= Noon + Wrong);
            Assert.Contains(due, time => time > Noon.AddSeconds(15) && time <= Noon.AddSeconds(21));
            Assert.True((await host.Schedules.Find(name, Cancellation))!.NextAt > Noon.AddSeconds(15)
                && (await host.Store.Find(name, Cancellation))!.Watermark.DoneUntil <= Noon.AddSeconds(22));
        }

        // It was due while the clock was wrong, and is a little late.
        Assert.Contains(Noon.AddSeconds(10), await Due(host, "once-a-day"));
    }

    [Theory]
    [InlineData(nameof(ScheduleStoreKind.Database))]
    [InlineData(nameof(ScheduleStoreKind.Memory))]
    public async Task What_a_clock_that_was_ahead_has_run_before_its_time_runs_again_at_its_time(string store)
    {
        await using var host = await Start(store);
        await Pass(host, Noon.AddSeconds(6));
        // The only one that is on time by the wrong clock.
        await Pass(host, Noon.AddHours(1));
        await Pass(host, Noon.AddSeconds(15));
        Assert.Single(await Due(host, "seconds"), Noon.AddHours(1));

        foreach (var seconds in new[] { 1_200, 2_400, 3_570, 3_600 })
            await Pass(host, Noon.AddSeconds(seconds));

        var runs = (await host.Schedules.History("seconds", 1_000, Cancellation)).Where(run => run.ScheduledAt == Noon.AddHours(1))
            .ToList();
        Assert.Equal(2, runs.Select(run => run.Id).Distinct().Count());
        await Eventually.True(() => Task.FromResult(runs.TrueForAll(run => host.Ticks.All.Any(tick => tick.MessageId == run.Id))),
            TimeSpan.FromSeconds(60), "both to be handled", Cancellation);
    }

    [Theory]
    [InlineData(nameof(ScheduleStoreKind.Database))]
    [InlineData(nameof(ScheduleStoreKind.Memory))]
    public async Task A_clock_that_was_behind_and_is_put_right_has_nothing_run_twice(string store)
    {
        await using var host = await Start(store);
        await Pass(host, Noon.AddSeconds(12));
        await Pass(host, Noon - Wrong);
        await Pass(host, Noon - Wrong + TimeSpan.FromSeconds(4));
        Assert.Contains(await Due(host, "seconds"), time => time > Noon - Wrong && time <= Noon - Wrong + TimeSpan.FromSeconds(4));

        await Pass(host, Noon.AddSeconds(27));
        await Pass(host, Noon.AddSeconds(33));

        foreach (var name in new[] { "seconds", "interval", "skip", "all" })
        {
            var due = await Due(host, name);
            Assert.Equal(due.Distinct().Count(), due.Count);
            Assert.True(name == "all" || due[^1] > Noon.AddSeconds(27));
            Assert.DoesNotContain(due, time => time > Noon - Wrong + TimeSpan.FromSeconds(6) && time < Noon);
        }
    }

    [Fact]
    public async Task A_run_that_was_lost_while_the_clock_was_ahead_does_not_hold_others_up_for_days()
    {
        var settings = Settings(nameof(ScheduleStoreKind.Database));
        settings["Bus:Scheduling:LongestRun"] = "10s";
        // Nobody reads it: its runs never end.
        await using var host = await TestHost.Start(settings, bus => bus.AddSchedule<Tick>(
            "lost", schedule =>
                schedule.Cron("*/2 * * * * *").OnOverlap(OverlapRule.Skip).SendTo("queue:nobody").Message(new Tick("lost"))), _clock);
        await Pass(host, Noon + Wrong);
        await Pass(host, Noon.AddSeconds(15));
        await Pass(host, Noon.AddSeconds(30));

        Assert.Contains(await host.Schedules.History("lost", 100, Cancellation),
            run => run.State == RunState.Sent && run.ScheduledAt > Noon.AddSeconds(15) && run.ScheduledAt < Noon.AddDays(1));
    }

    [Fact]
    public void Code_that_runs_by_a_cron_expression_goes_on_when_a_clock_that_was_ahead_is_put_right()
    {
        List<DateTimeOffset> runs = [];
        var timers = new ManualTimers(Noon);
        using var cron = new LightCron("*/5 * * * * *", _ => { runs.Add(timers.GetUtcNow()); return Task.CompletedTask; }, timers);
        cron.Start();

        timers.Advance(TimeSpan.FromSeconds(10));
        timers.Jump(Wrong);
        timers.Advance(TimeSpan.FromSeconds(15));
        Assert.Contains(runs, time => time > Noon + Wrong);
        timers.Jump(-Wrong);
        timers.Advance(TimeSpan.FromSeconds(20));

        Assert.Contains(runs, time => time > Noon.AddSeconds(25) && time <= Noon.AddSeconds(45));
        Assert.True(cron.Next <= Noon.AddSeconds(50));
    }

    async Task<TestHost> Start(string store) => await TestHost.Start(Settings(store), bus =>
    {
        bus.AddSchedule<Tick>("seconds", schedule => schedule.Cron("*/2 * * * * *").Message(new Tick("seconds")));
        bus.AddSchedule<Tick>("interval", schedule => schedule.Every(TimeSpan.FromSeconds(3)).Message(new Tick("interval")));
        bus.AddSchedule<Tick>("skip", schedule => schedule.Cron("*/2 * * * * *").OnMisfire(MisfirePolicy.Skip).Message(new Tick("skip")));
        bus.AddSchedule<Tick>("all", schedule => schedule.Cron("0 */10 * * * *").OnMisfire(MisfirePolicy.FireAll).Message(new Tick("all")));
        bus.AddSchedule<Tick>(
            "once-a-day", schedule => schedule.Cron("5,10 0 12 * * *").OnMisfire(MisfirePolicy.Skip).Message(new Tick("once-a-day")));
    }, _clock);

    static Dictionary<string, string?> Settings(string store)
    {
        var settings = Databases.Sqlite();
        settings["Bus:Scheduling:SweepInterval"] = "1s";
        settings["Bus:Scheduling:Store"] = store;
        return settings;
    }

    async Task Pass(TestHost host, DateTimeOffset until)
    {
        _clock.Now = until;
        await Eventually.True(
            async () => (await host.Store.FindOverdue(until, 0, 0, Cancellation)).Schedules.Count == 0, TimeSpan.FromSeconds(60),
            $"what is due until {until:O}", Cancellation);
    }

    static async Task<IReadOnlyList<DateTimeOffset>> Due(TestHost host, string name) =>
        [.. (await host.Schedules.History(name, 1_000, Cancellation)).Select(run => run.ScheduledAt).Order()];
}
