using System.Globalization;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>
/// A running host with a real database, by a clock that the test moves: what is sent, what the history says, and what is handled.
/// </summary>
public sealed class VirtualTimeTests
{
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Berlin jumps from 02:00 to 03:00 on 29 March 2026 and goes back from 03:00 to 02:00 on 25 October; New York does so on 8 March, and
    // from 02:00 to 01:00 on 1 November.
    [Theory]
    [InlineData(
        "Europe/Berlin", "30 2 * * *", "2026-03-29T00:15Z", "01:00", "", "00:30 01:00 01:30 02:00 02:30", "00:30 01:00 01:30 02:00 02:30")]
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-10-24T23:45Z", "00:30", "00:30", "00:00 00:30 01:00 01:30 02:00", "00:00 00:30 02:00")]
    [InlineData("America/New_York", "30 2 * * *", "2026-03-08T06:15Z", "07:00", "", "06:30 07:00 07:30 08:00 08:30",
        "06:30 07:00 07:30 08:00 08:30")]
    [InlineData(
        "America/New_York", "30 1 * * *", "2026-11-01T04:45Z", "05:30", "05:30", "05:00 05:30 06:00 06:30 07:00", "05:00 05:30 07:00")]
    public async Task When_clocks_change_a_running_host_sends_what_the_rule_says(
        string zone, string daily, string begin, string adjustedDaily, string strictDaily, string adjustedHalfHours, string strictHalfHours)
    {
        var clock = new MovableClock(DateTimeOffset.Parse(begin, CultureInfo.InvariantCulture));
        await using var host = await TestHost.Start(Settings(), bus =>
        {
            foreach (var rule in Enum.GetValues<DaylightSavingRule>())
            {
                Declare(bus, $"daily-{rule}".ToLowerInvariant(), daily, zone, rule);
                Declare(bus, $"half-hours-{rule}".ToLowerInvariant(), "*/30 * * * *", zone, rule);
            }
        }, clock);

        for (var step = 0; step < 5; step++)
            await Pass(host, clock, TimeSpan.FromMinutes(step == 0 ? 15 : 30));

        Assert.Equal(adjustedDaily, await Times(host, "daily-adjust"));
        Assert.Equal(strictDaily, await Times(host, "daily-strict"));
        Assert.Equal(adjustedHalfHours, await Times(host, "half-hours-adjust"));
        Assert.Equal(strictHalfHours, await Times(host, "half-hours-strict"));
    }

    [Fact]
    public async Task A_schedule_begins_and_ends_and_leaves_out_what_it_is_told_to()
    {
        var clock = new MovableClock(new DateTimeOffset(2026, 12, 24, 7, 30, 0, TimeSpan.Zero));
        await using var host = await TestHost.Start(Settings(), bus => bus.AddSchedule<Tick>("hourly", schedule => schedule
            .Cron("0 * * * *").Between(clock.Now.AddHours(1), clock.Now.AddHours(6.5)).Except("10:00-12:00").Message(new Tick("hourly"))),
            clock);

        for (var hour = 0; hour < 8; hour++)
            await Pass(host, clock, TimeSpan.FromHours(hour == 0 ? 0.5 : 1));

        Assert.Equal("09:00 12:00 13:00 14:00", await Times(host, "hourly"));
        Assert.Null((await host.Schedules.Find("hourly", Cancellation))!.NextAt);
    }

    [Fact]
    public async Task A_calendar_of_the_configuration_leaves_out_its_days()
    {
        var clock = new MovableClock(new DateTimeOffset(2026, 12, 23, 12, 0, 0, TimeSpan.Zero));
        var settings = Settings();
        settings["Bus:Scheduling:Calendars:holidays:0"] = "12-25";
        settings["Bus:Scheduling:Calendars:holidays:1"] = "2026-12-27..2026-12-28";
        await using var host = await TestHost.Start(settings, bus =>
            bus.AddSchedule<Tick>("noon", schedule => schedule.Cron("0 11 * * *").Except("holidays").Message(new Tick("noon"))), clock);

        for (var day = 0; day < 6; day++)
            await Pass(host, clock, TimeSpan.FromHours(day == 0 ? 23 : 24));

        Assert.Equal(
            ["24", "26", "29"], (await host.Schedules.History("noon", 10, Cancellation)).Select(run => $"{run.ScheduledAt:dd}").Order());
    }

    static void Declare(BusBuilder bus, string name, string cron, string zone, DaylightSavingRule rule) =>
        bus.AddSchedule<Tick>(name, schedule => schedule.Cron(cron).InTimeZone(zone).OnDaylightSaving(rule).Message(new Tick(name)));

    static Dictionary<string, string?> Settings()
    {
        var settings = Databases.Sqlite();
        settings["Bus:Scheduling:SweepInterval"] = "1s";
        return settings;
    }

    /// <summary>
    /// Moves the clock a little beyond a time, and waits for the host to have dealt with everything that was due by then.
    /// </summary>
    static async Task Pass(TestHost host, MovableClock clock, TimeSpan by)
    {
        var until = clock.Now + by;
        clock.Now = until + Moment;
        await Eventually.True(
            async () => (await host.Store.FindOverdue(until.AddSeconds(1), 0, 0, Cancellation)).Schedules.Count == 0,
            TimeSpan.FromSeconds(60), $"what is due until {until:HH:mm}", Cancellation);
        clock.Now = until;
    }

    /// <summary>When a schedule's runs were due, by the history; each has been handled once.</summary>
    static async Task<string> Times(TestHost host, string schedule)
    {
        var runs = await Eventually.Some(
            async () =>
                await host.Schedules.History(schedule, 100, Cancellation) is { } found && found.All(run => run.State == RunState.Succeeded)
                    ? found
                    : null,
            TimeSpan.FromSeconds(60), "the runs to be handled", Cancellation);
        var handled = host.Ticks.All.Where(tick => tick.Message.Name == schedule).Select(tick => ScheduleHeaders.ScheduledAtOf(tick)!.Value)
            .Order().ToList();

        Assert.Equal(runs.Select(run => run.ScheduledAt).Order(), handled);
        return string.Join(' ', handled.Select(time => time.ToString("HH:mm", CultureInfo.InvariantCulture)));
    }
}
