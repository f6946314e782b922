namespace Maestro.Bus.Scheduling.Tests;

/// <summary>What holds where schedules are kept in a database, which outlives its hosts and is shared by them.</summary>
public abstract class DatabaseStoreSuite : StoreSuite
{
    [Fact]
    public async Task Declared_schedules_are_brought_in_line_at_the_start()
    {
        var settings = await Settings();
        await using (var first = await TestHost.Start(settings, bus =>
        {
            bus.AddSchedule<Tick>("kept", schedule => schedule.Cron("0 2 * * *").Message(new Tick("kept")));
            bus.AddSchedule<Tick>("changed", schedule => schedule.Cron("0 2 * * *").Message(new Tick("before")));
            bus.AddSchedule<Tick>("gone", schedule => schedule.Cron("0 2 * * *").Message(new Tick("gone")));
        }))
            await first.Schedules.Pause("kept", Cancellation);

        // An application of the same name, with another domain.
        await using var other = await TestHost.Start(
            settings, domain: new TestHost.OtherDomain(bus =>
                bus.AddSchedule<Tick>("other-s", schedule => schedule.Cron("0 2 * * *").Message(new Tick("other")))));
        await using var second = await TestHost.Start(settings, bus =>
        {
            bus.AddSchedule<Tick>("kept", schedule => schedule.Cron("0 2 * * *").Message(new Tick("kept")));
            bus.AddSchedule<Tick>("changed", schedule => schedule.Cron("0 3 * * *").Message(new Tick("after")));
            bus.AddSchedule<Tick>("new", schedule => schedule.Every(TimeSpan.FromHours(1)).Message(new Tick("new")));
        });

        var schedules = await second.Schedules.List(Cancellation);
        Assert.Equal(["changed", "kept", "new", "other-s"], schedules.Select(schedule => schedule.Name));
        Assert.Equal("0 3 * * *", schedules[0].Cron);
        Assert.True(schedules[1].IsPaused);
        await Eventually.True(
            async () => (await Alarms(second)).SequenceEqual(["changed", "kept", "new", "other-s"]), TimeSpan.FromSeconds(60), "the alarms",
            Cancellation);
    }

    [Fact]
    public async Task Of_two_versions_that_run_at_once_the_later_one_is_in_force_however_often_the_other_starts_until_it_is_gone()
    {
        var settings = await Settings();
        settings["Bus:Scheduling:SweepInterval"] = "1s";
        static void First(BusBuilder bus)
        {
            bus.AddSchedule<Tick>("changed", schedule => schedule.Cron("0 1 * * *").Message(new Tick("first")));
            bus.AddSchedule<Tick>("removed", schedule => schedule.Cron("0 1 * * *").Message(new Tick("first")));
        }

        await using (await TestHost.Start(settings, First))
        {
            // The first version has been in force.
        }

        var second = await TestHost.Start(
            settings, bus => bus.AddSchedule<Tick>("changed", schedule => schedule.Cron("0 2 * * *").Message(new Tick("second"))));
        await using var again = await TestHost.Start(settings, First);
        await using (await TestHost.Start(settings, First))
            Assert.Equal([("changed", "0 2 * * *")], await Schedules(second));

        await second.DisposeAsync();
        await Eventually.True(
            async () => (await Schedules(again)).Count == 2, TimeSpan.FromSeconds(60), "the first version to be in force", Cancellation);
        Assert.Equal([("changed", "0 1 * * *"), ("removed", "0 1 * * *")], await Schedules(again));
        await Eventually.True(
            async () => (await Alarms(again)).SequenceEqual(["changed", "removed"]), TimeSpan.FromSeconds(60), "the alarms", Cancellation);
    }

    [Fact]
    public async Task A_schedule_moves_with_its_domain_s_name_and_is_not_taken_back()
    {
        var settings = await Settings();
        static void Declare(BusBuilder bus, string cron) =>
            bus.AddSchedule<Tick>("moved", schedule => schedule.Cron(cron).Message(new Tick("moved")));
        await using var before = await TestHost.Start(settings, bus => Declare(bus, "0 1 * * *"));

        await using var after = await TestHost.Start(settings, domain: new TestHost.OtherDomain(bus => Declare(bus, "0 2 * * *")));
        await using var late = await TestHost.Start(settings, bus => Declare(bus, "0 1 * * *"));

        Assert.Equal([("moved", "0 2 * * *")], await Schedules(late));
    }

    [Fact]
    public async Task The_schedules_of_a_domain_that_no_host_has_any_more_are_deleted_after_a_week()
    {
        var settings = await Settings();
        await using (await TestHost.Start(settings, domain: new TestHost.OtherDomain(bus =>
            bus.AddSchedule<Tick>("orphan", schedule => schedule.Cron("0 1 * * *").Message(new Tick("a"))))))
        {
            // It has been declared.
        }

        await using var host = await TestHost.Start(
            settings, bus => bus.AddSchedule<Tick>("own", schedule => schedule.Cron("0 1 * * *").Message(new Tick("a"))));
        Assert.Empty(await host.Store.Clean(Cancellation));
        await host.Execute("UPDATE schedule_declaration SET seen_at = 1 WHERE owner = 'Other'");

        Assert.Equal(["orphan"], await host.Store.Clean(Cancellation));
        Assert.Equal([("own", "0 1 * * *")], await Schedules(host));
    }

    [Fact]
    public async Task A_run_that_is_due_while_an_earlier_one_has_not_ended_is_left_out_where_the_schedule_says_so()
    {
        await using var host = await TestHost.Start(await Settings(), bus => bus.AddSchedule<Refused>(
            "hourly",
            schedule => schedule.Cron(HalfAnHourFromNow()).OnMisfire(MisfirePolicy.FireAll).OnOverlap(OverlapRule.Skip)
                .SendTo("queue:nobody").Message(new Refused("a"))));
        await Since(host, "hourly", TimeProvider.System.GetUtcNow().AddHours(-3));

        await host.Store.Fire("hourly", TimeProvider.System.GetUtcNow(), Cancellation);
        var runs = await host.Schedules.History("hourly", 10, Cancellation);
        await host.Store.Finish(new RunOutcome(runs[^1].Id, true, TimeSpan.Zero, "test", null), Cancellation);
        await host.Execute("DELETE FROM schedule_run WHERE state = 'Skipped'");
        await Since(host, "hourly", TimeProvider.System.GetUtcNow().AddHours(-1));
        await host.Store.Fire("hourly", TimeProvider.System.GetUtcNow(), Cancellation);
        var later = await host.Schedules.History("hourly", 10, Cancellation);

        Assert.Equal([RunState.Skipped, RunState.Skipped, RunState.Sent], runs.Select(run => run.State));
        Assert.Equal("An earlier run had not ended.", runs[0].Error);
        Assert.Equal([RunState.Sent, RunState.Succeeded], later.Select(run => run.State));
    }

    [Fact]
    public async Task Hosts_that_start_at_once_declare_each_schedule_once_and_run_it_once()
    {
        var settings = await Settings();
        settings["Bus:Transport"] = "sqlite";
        settings["Bus:Sqlite:Path"] = Path.Combine(Directory.CreateTempSubdirectory("bus-tests-").FullName, "bus.db");
        var hosts = Enumerable.Range(0, 4).Select(_ =>
            TestHost.Build(settings,
                bus => bus.AddSchedule<Tick>("second", schedule => schedule.Cron("* * * * * ?").Message(new Tick("a"))))).ToList();
        await using (await TestHost.Start(settings))
        {
            // The tables are there.
        }

        await Task.WhenAll(hosts.Select(host => host.StartAsync(Cancellation)));
        var schedules = hosts[0].Services.GetRequiredService<ISchedules>();
        await Eventually.True(() => Task.FromResult(All().Count >= 5), TimeSpan.FromSeconds(60), "five ticks", Cancellation);
        await schedules.Pause("second", Cancellation);
        var history = await schedules.History("second", 100, Cancellation);
        await Eventually.True(() => Task.FromResult(All().Count >= history.Count), TimeSpan.FromSeconds(60), "all ticks", Cancellation);

        var times = All().Select(tick => ScheduleHeaders.ScheduledAtOf(tick)!.Value).Order().ToList();
        Assert.Equal(history.Select(run => run.ScheduledAt).Order(), times);
        Assert.Equal(Enumerable.Range(0, times.Count).Select(second => times[0].AddSeconds(second)), times);
        Assert.Single(await schedules.List(Cancellation));

        foreach (var host in hosts)
        {
            await host.StopAsync(Cancellation);
            host.Dispose();
        }

        List<ConsumeContext<Tick>> All() => [.. hosts.SelectMany(host => host.Services.GetRequiredService<Ticks>().All)];
    }

    [Fact]
    public async Task An_occurrence_that_several_fire_is_fired_once()
    {
        await using var host = await TestHost.Start(await Settings(),
            bus => bus.AddSchedule<Tick>(
                "hourly", schedule => schedule.Cron(HalfAnHourFromNow()).OnMisfire(MisfirePolicy.FireAll).Message(new Tick("a"))));
        await Since(host, "hourly", TimeProvider.System.GetUtcNow().AddHours(-5));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.Store.Fire("hourly", TimeProvider.System.GetUtcNow(), Cancellation)));

        await host.Ticks.AtLeast(5);
        var history = await host.Schedules.History("hourly", 100, Cancellation);
        Assert.Equal(5, history.Count);
        Assert.Equal(5, host.Ticks.All.Select(tick => tick.MessageId).Distinct().Count());
    }

    [Fact]
    public async Task What_was_due_while_no_host_ran_is_dealt_with_by_the_policy_at_the_next_start()
    {
        var settings = await Settings();
        var cron = HalfAnHourFromNow();
        void Declare(BusBuilder bus)
        {
            foreach (var policy in Enum.GetValues<MisfirePolicy>())
                bus.AddSchedule<Tick>(
                    policy.ToString().ToLowerInvariant(),
                    schedule => schedule.Cron(cron).OnMisfire(policy).Message(new Tick(policy.ToString())));
        }

        // It declares them, and fires none while it is made up what was due.
        await using (var host = await TestHost.Start(settings.Append(new("Bus:Scheduling:Run", "false")), Declare))
        {
            foreach (var policy in Enum.GetValues<MisfirePolicy>())
                await Since(host, policy.ToString().ToLowerInvariant(), TimeProvider.System.GetUtcNow().AddHours(-5).AddMinutes(-2));
        }

        await using var later = await TestHost.Start(settings, Declare);
        await later.Ticks.AtLeast(6);
        await Eventually.True(
            async () => (await later.Store.FindOverdue(TimeProvider.System.GetUtcNow(), 0, 0, Cancellation)).Schedules.Count == 0,
            TimeSpan.FromSeconds(60), "nothing overdue", Cancellation);

        Assert.Equal(
            [(nameof(MisfirePolicy.FireAll), 5), (nameof(MisfirePolicy.FireOnce), 1)],
            later.Ticks.Names.GroupBy(name => name).Select(group => (group.Key, group.Count())).Order().ToList());
    }

    [Fact]
    public async Task The_history_is_bounded()
    {
        var settings = await Settings();
        settings["Bus:Scheduling:HistoryRuns"] = "10";
        await using var host = await TestHost.Start(
            settings, bus => bus.AddSchedule<Tick>("yearly", schedule => schedule.Cron("0 0 1 1 *").Message(new Tick("a"))));
        for (var run = 0; run < 15; run++)
            await host.Schedules.Trigger("yearly", Cancellation);
        var newest = await host.Schedules.History("yearly", 10, Cancellation);

        await host.Store.Clean(Cancellation);

        Assert.Equal(newest.Select(run => run.Id), (await host.Schedules.History("yearly", 100, Cancellation)).Select(run => run.Id));
    }

    [Fact]
    public async Task A_far_off_message_outlives_the_host()
    {
        var settings = await Settings();
        settings["Bus:Scheduling:TransportDelay"] = "1s";
        await using (var first = await TestHost.Start(settings))
        {
            await first.Schedule(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(20), new Tick("far"));
            await Eventually.True(
                async () => await first.Count("schedule_message") == 1, TimeSpan.FromSeconds(60), "the message to be kept", Cancellation);
        }

        await using var second = await TestHost.Start(settings);
        await second.Ticks.AtLeast(1);

        Assert.Equal(["far"], second.Ticks.Names);
        Assert.Equal(0, await second.Count("schedule_message"));
    }

    // Hourly, and not due while the test looks.
    static string HalfAnHourFromNow() => $"{TimeProvider.System.GetUtcNow().AddMinutes(30).Minute} * * * *";

    static async Task<IReadOnlyList<(string, string?)>> Schedules(TestHost host) =>
        [.. (await host.Schedules.List(Cancellation)).Select(schedule => (schedule.Name, schedule.Cron))];

    static Task<IReadOnlyList<string>> Alarms(TestHost host) =>
        host.Strings("SELECT trigger_name FROM schedule_quartz_triggers ORDER BY trigger_name");

    static Task Since(TestHost host, string schedule, DateTimeOffset time) =>
        host.Execute(
            $"UPDATE schedule_definition SET done_until = {time.ToUnixTimeMilliseconds()}, next_at = "
                + $"{time.ToUnixTimeMilliseconds() + 1} WHERE name = '{schedule}'");
}
