using System.Globalization;

namespace MaestroBus.Scheduling.Tests;

/// <summary>When schedules run, by the clock of another time.</summary>
public sealed class TimetableTests
{
    [Theory]
    [InlineData("0 2 * * *", "2026-01-01T00:00Z", "2026-01-01T02:00Z", "2026-01-02T02:00Z")]
    [InlineData("0 0 2 * * ?", "2026-01-01T00:00Z", "2026-01-01T02:00Z", "2026-01-02T02:00Z")]
    [InlineData("*/20 * * * * ?", "2026-01-01T00:00Z", "2026-01-01T00:00:20Z", "2026-01-01T00:00:40Z")]
    [InlineData("30 8 * * 1", "2026-01-01T00:00Z", "2026-01-05T08:30Z", "2026-01-12T08:30Z")]
    [InlineData("0 0 0 L * ?", "2026-01-01T00:00Z", "2026-01-31T00:00Z", "2026-02-28T00:00Z")]
    [InlineData("@daily", "2026-01-01T00:00Z", "2026-01-02T00:00Z", "2026-01-03T00:00Z")]
    public void A_cron_expression_has_seconds_or_not(string cron, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time), Next(new() { Cron = cron }, after, expected.Length));

    [Fact]
    public void A_cron_expression_is_read_by_the_clocks_of_its_time_zone() =>
        Assert.Equal(
            [Time("2026-07-01T22:00Z"), Time("2026-07-02T22:00Z")],
            Next(new() { Cron = "0 0 * * *", TimeZone = "Europe/Berlin" }, "2026-07-01T12:00Z", 2));

    // Berlin jumps from 02:00 to 03:00 on 29 March 2026 and back from 03:00 to 02:00 on 25 October; New York an hour of its own clocks later, on 8 March and 1 November.
    [Theory]
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z")]
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-03-29T00:00Z", "2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-10-24T23:45Z", "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z", "2026-10-25T01:30Z", "2026-10-25T02:00Z")]
    [InlineData("America/New_York", "30 2 * * *", "2026-03-08T00:00Z", "2026-03-08T07:00Z", "2026-03-09T06:30Z")]
    [InlineData("America/New_York", "30 1 * * *", "2026-11-01T00:00Z", "2026-11-01T05:30Z", "2026-11-02T06:30Z")]
    [InlineData("America/New_York", "*/30 * * * *", "2026-11-01T04:45Z", "2026-11-01T05:00Z", "2026-11-01T05:30Z", "2026-11-01T06:00Z", "2026-11-01T06:30Z", "2026-11-01T07:00Z")]
    public void Nothing_is_lost_or_doubled_when_clocks_change(string zone, string cron, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time), Next(new() { Cron = cron, TimeZone = zone }, after, expected.Length));

    [Theory]
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00Z", "2026-03-30T00:30Z")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-03-29T00:00Z", "2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-10-24T23:45Z", "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T02:00Z")]
    [InlineData("America/New_York", "30 2 * * *", "2026-03-08T00:00Z", "2026-03-09T06:30Z")]
    [InlineData("America/New_York", "*/30 * * * *", "2026-11-01T04:45Z", "2026-11-01T05:00Z", "2026-11-01T05:30Z", "2026-11-01T07:00Z")]
    public void By_the_strict_rule_only_times_that_the_clocks_show_run_and_each_once(string zone, string cron, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time), Next(new() { Cron = cron, TimeZone = zone, DaylightSaving = DaylightSavingRule.Strict }, after, expected.Length));

    [Fact]
    public void An_interval_counts_real_time_and_knows_no_changes_of_clocks() =>
        Assert.Equal(
            [Time("2026-10-25T00:00Z"), Time("2026-10-25T02:00Z"), Time("2026-10-25T04:00Z")],
            Next(new() { Interval = TimeSpan.FromHours(2), TimeZone = "Europe/Berlin" }, "2026-10-24T23:00Z", 3));

    [Fact]
    public void An_interval_is_counted_from_its_start() =>
        Assert.Equal(
            [Time("2026-01-01T00:07Z"), Time("2026-01-01T00:17Z")],
            Next(new() { Interval = TimeSpan.FromMinutes(10), Start = Time("2026-01-01T00:07Z") }, "2025-12-31T00:00Z", 2));

    [Fact]
    public void Start_and_end_count_as_times() =>
        Assert.Equal(
            [Time("2026-01-01T02:00Z"), Time("2026-01-02T02:00Z")],
            Next(new() { Cron = "0 2 * * *", Start = Time("2026-01-01T02:00Z"), End = Time("2026-01-02T02:00Z") }, "2025-01-01T00:00Z", 5));

    [Theory]
    [InlineData("Saturday", "2026-01-02", "2026-01-04")]
    [InlineData("2026-01-02", "2026-01-01", "2026-01-03")]
    [InlineData("01-02", "2026-01-01", "2026-01-03")]
    [InlineData("2026-01-02..2026-01-05", "2026-01-01", "2026-01-06")]
    public void Days_can_be_left_out(string exclusion, string first, string second) =>
        Assert.Equal(
            [Time($"{first}T11:00Z"), Time($"{second}T11:00Z")],
            Next(new() { Cron = "0 12 * * *", TimeZone = "Europe/Berlin", Except = [exclusion] }, $"{first}T00:00Z", 2));

    [Fact]
    public void A_time_of_each_day_can_be_left_out() =>
        Assert.Equal(
            [Time("2026-01-01T21:00Z"), Time("2026-01-02T06:00Z"), Time("2026-01-02T07:00Z")],
            Next(new() { Cron = "0 * * * *", Except = ["22:00-06:00"] }, "2026-01-01T20:30Z", 3));

    [Fact]
    public void A_schedule_that_has_nothing_left_never_comes() =>
        Assert.Empty(Next(new() { Cron = "0 12 * * 6", Except = ["Saturday"] }, "2026-01-01T00:00Z", 1));

    [Fact]
    public void The_newest_occurrence_of_a_long_time_is_found()
    {
        var timetable = Timetable(new() { Cron = "* * * * * ?" });

        Assert.Equal(Time("2026-12-31T12:00Z"), timetable.Newest(Time("2016-01-01T00:00Z"), Time("2026-12-31T12:00Z")));
        Assert.Equal(Time("2020-02-29T00:00Z"), Timetable(new() { Cron = "0 0 29 2 *" }).Newest(Time("2016-01-01T00:00Z"), Time("2023-12-31T00:00Z")));
        Assert.Null(Timetable(new() { Cron = "0 0 29 2 *" }).Newest(Time("2021-01-01T00:00Z"), Time("2023-12-31T00:00Z")));
    }

    static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    static IEnumerable<DateTimeOffset> Next(ScheduleSettings settings, string after, int count) =>
        Timetable(settings).Between(Time(after), DateTimeOffset.MaxValue).Take(count);

    static Timetable Timetable(ScheduleSettings settings) => new(Definitions.Of(settings));
}
