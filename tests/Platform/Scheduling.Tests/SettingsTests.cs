namespace Maestro.Bus.Scheduling.Tests;

/// <summary>What is wrong with schedules stops the start, and is said.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData(
        "Cron", "61 * * * *", "Bus:Schedules:nightly:Cron is '61 * * * *'. '61' is not a valid minute. Use 0 to 59. Use five fields")]
    [InlineData("Cron", "0 0 31 2 *", "Bus:Schedules:nightly:Cron is '0 0 31 2 *'. It never comes")]
    [InlineData("Cron", "tomorrow", "Bus:Schedules:nightly:Cron is 'tomorrow'.")]
    [InlineData("TimeZone", "Europe/Atlantis",
        "Bus:Schedules:nightly:TimeZone is 'Europe/Atlantis'. This machine knows no such time zone. Use an IANA name, such as "
            + "Europe/Berlin.")]
    [InlineData("Interval", "1500ms", "Bus:Schedules:nightly:Interval is '00:00:01.5000000'. Use whole seconds, from 1s to 366d.")]
    [InlineData("Interval", "5m", "Bus:Schedules:nightly has both Cron and Interval. Set one of them.")]
    [InlineData("Except:0", "Blursday", "Bus:Schedules:nightly:Except is 'Blursday'. Use a weekday (Saturday)")]
    [InlineData("Tenant", "no tenant", "Bus:Schedules:nightly:Tenant is 'no tenant'.")]
    [InlineData("Payload", "{", "Bus:Schedules:nightly:Payload is '{'. It must be a Tick as JSON")]
    [InlineData("Message", "Acme.Tock", "Bus:Schedules:nightly:Message is 'Acme.Tock'. tests says what this schedule sends.")]
    [InlineData("Whenever", "1", "Bus:Schedules:nightly:Whenever is not a setting.")]
    public void A_wrong_setting_stops_the_start(string setting, string value, string message)
    {
        var exception = Assert.Throws<BusConfigurationException>(() => TestHost.Build(
            new Dictionary<string, string?> { [$"Bus:Schedules:nightly:{setting}"] = value },
            bus => bus.AddSchedule<Tick>("nightly", schedule => schedule.Cron("0 2 * * *").Message(new Tick("a")))));

        Assert.Contains(message.Replace("tests says", "Test says", StringComparison.Ordinal), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configured_schedule_needs_a_message_that_there_is()
    {
        var exception = Assert.Throws<BusConfigurationException>(() => TestHost.Build(new Dictionary<string, string?>
        {
            ["Bus:Schedules:nightly:Cron"] = "0 2 * * *",
            ["Bus:Schedules:nightly:Message"] = "Acme.Tock",
        }));

        Assert.Contains("Bus:Schedules:nightly:Message is 'Acme.Tock'. No domain declares this schedule, so name the message's type",
            exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_schedules_of_one_name_stop_the_start()
    {
        var exception = Assert.Throws<BusConfigurationException>(() => TestHost.Build([], bus =>
        {
            bus.AddSchedule<Tick>("nightly", schedule => schedule.Cron("0 2 * * *").Message(new Tick("a")));
            bus.AddSchedule<Tick>("nightly", schedule => schedule.Cron("0 3 * * *").Message(new Tick("a")));
        }));

        Assert.Contains("The schedule 'nightly' is declared 2 times, by Test and Test. Give each a name of its own.", exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_goes_over_what_a_domain_declares_and_can_switch_it_off()
    {
        await using var host = await TestHost.Start(
            new Dictionary<string, string?>
            {
                ["Bus:Scheduling:Store"] = "Memory",
                ["Bus:Scheduling:Calendars:holidays:0"] = "12-25",
                ["Bus:Schedules:nightly:Cron"] = "0 4 * * *",
                ["Bus:Schedules:nightly:Except:0"] = "holidays",
                ["Bus:Schedules:off:Enabled"] = "false",
                ["Bus:Schedules:configured:Interval"] = "1h",
                ["Bus:Schedules:configured:Message"] = typeof(Tick).FullName,
                ["Bus:Schedules:configured:Payload"] = """{ "name": "configured", "number": 3 }""",
            },
            bus =>
            {
                bus.AddSchedule<Tick>("nightly", schedule => schedule.Cron("0 2 * * *").Message(new Tick("a")));
                bus.AddSchedule<Tick>("off", schedule => schedule.Cron("0 2 * * *").Message(new Tick("a")));
            });

        var schedules = await host.Schedules.List(TestContext.Current.CancellationToken);
        await host.Schedules.Trigger("configured", TestContext.Current.CancellationToken);
        var tick = (await host.Ticks.AtLeast(1))[0];

        Assert.Equal(["configured", "nightly"], schedules.Select(schedule => schedule.Name));
        Assert.Equal(("0 4 * * *", "12-25"), (schedules[1].Cron, Assert.Single(schedules[1].Except)));
        Assert.Equal(new Tick("configured", 3), tick.Message);
    }

    [Fact]
    public async Task A_schedule_whose_weekday_numbers_stood_for_other_days_is_logged_once_at_the_start()
    {
        await using var host = await TestHost.Start(
            new Dictionary<string, string?>
            {
                ["Bus:Scheduling:Store"] = "Memory",
                ["Bus:Schedules:renumbered:Cron"] = "0 0 2 * * 1-5",
                ["Bus:Schedules:named:Cron"] = "0 0 2 * * MON-FRI",
                ["Bus:Schedules:five:Cron"] = "0 2 * * 1-5",
            },
            bus =>
            {
                foreach (var name in (string[])["renumbered", "named", "five"])
                    bus.AddSchedule<Tick>(name, schedule => schedule.Cron("0 2 * * *").Message(new Tick("a")));
            });

        var line = Assert.Single(host.Log.All, line => line.Contains("Earlier versions read 1 as Sunday", StringComparison.Ordinal));
        Assert.StartsWith(
            "The schedule renumbered has six fields and weekdays as numbers (0 0 2 * * 1-5).", line, StringComparison.Ordinal);
    }
}
