using System.Globalization;

namespace Maestro.Bus.Scheduling.Tests;

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

    // Berlin jumps from 02:00 to 03:00 on 29 March 2026 and back from 03:00 to 02:00 on 25 October; New York an hour of its own clocks
    // later, on 8 March and 1 November.
    [Theory]
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z")]
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-03-29T00:00Z", "2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-10-24T23:45Z", "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T01:00Z",
        "2026-10-25T01:30Z", "2026-10-25T02:00Z")]
    [InlineData("America/New_York", "30 2 * * *", "2026-03-08T00:00Z", "2026-03-08T07:00Z", "2026-03-09T06:30Z")]
    [InlineData("America/New_York", "30 1 * * *", "2026-11-01T00:00Z", "2026-11-01T05:30Z", "2026-11-02T06:30Z")]
    [InlineData("America/New_York", "*/30 * * * *", "2026-11-01T04:45Z", "2026-11-01T05:00Z", "2026-11-01T05:30Z", "2026-11-01T06:00Z",
        "2026-11-01T06:30Z", "2026-11-01T07:00Z")]
    public void Nothing_is_lost_or_doubled_when_clocks_change(string zone, string cron, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time), Next(new() { Cron = cron, TimeZone = zone }, after, expected.Length));

    [Theory]
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00Z", "2026-03-30T00:30Z")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-03-29T00:00Z", "2026-03-29T00:30Z", "2026-03-29T01:00Z", "2026-03-29T01:30Z")]
    [InlineData("Europe/Berlin", "*/30 * * * *", "2026-10-24T23:45Z", "2026-10-25T00:00Z", "2026-10-25T00:30Z", "2026-10-25T02:00Z")]
    [InlineData("America/New_York", "30 2 * * *", "2026-03-08T00:00Z", "2026-03-09T06:30Z")]
    [InlineData("America/New_York", "*/30 * * * *", "2026-11-01T04:45Z", "2026-11-01T05:00Z", "2026-11-01T05:30Z", "2026-11-01T07:00Z")]
    public void By_the_strict_rule_only_times_that_the_clocks_show_run_and_each_once(
        string zone, string cron, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time),
            Next(new() { Cron = cron, TimeZone = zone, DaylightSaving = DaylightSavingRule.Strict }, after, expected.Length));

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
    public void An_interval_keeps_the_milliseconds_of_its_start() =>
        Assert.Equal(
            [Time("2026-01-01T00:07:00.250Z"), Time("2026-01-01T00:07:01.750Z")],
            Next(
                new() { Interval = TimeSpan.FromSeconds(1.5), Start = Time("2026-01-01T00:07:00.250Z") }, "2026-01-01T00:06:59.900Z", 2));

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

    // The clocks of Casablanca are an hour behind during Ramadan: from 15 February to 22 March 2026. .NET takes the hour after each
    // change for invalid or ambiguous, as it is not.
    [Theory]
    [InlineData("30 2 * * *", "2026-03-20T12:00Z", "2026-03-21T02:30+00:00", "2026-03-22T03:00+01:00", "2026-03-23T02:30+01:00",
        "2026-03-24T02:30+01:00")]
    [InlineData("30 2 * * *", "2026-02-14T12:00Z", "2026-02-15T02:30+01:00", "2026-02-16T02:30+00:00")]
    [InlineData("*/30 * * * *", "2026-03-22T01:00Z", "2026-03-22T01:30+00:00", "2026-03-22T03:00+01:00", "2026-03-22T03:30+01:00",
        "2026-03-22T04:00+01:00")]
    [InlineData(
        "*/30 * * * *", "2026-02-15T00:45Z", "2026-02-15T02:00+01:00", "2026-02-15T02:30+01:00", "2026-02-15T02:00+00:00",
        "2026-02-15T02:30+00:00", "2026-02-15T03:00+00:00")]
    [InlineData("20 2 * * *", "2026-03-22T01:59:59Z", "2026-03-22T03:00+01:00", "2026-03-23T02:20+01:00")]
    [InlineData("0 3 * * *", "2026-03-22T01:00Z", "2026-03-22T03:00+01:00", "2026-03-23T03:00+01:00")]
    public void Clocks_that_change_for_Ramadan_are_followed(string cron, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time), Next(new() { Cron = cron, TimeZone = "Africa/Casablanca" }, after, expected.Length));

    // Lord Howe: half an hour. Samoa jumped over a whole day. Troll: two hours.
    [Theory]
    [InlineData("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T00:00Z", "2026-10-03T15:30Z", "2026-10-04T15:15Z")]
    [InlineData("Australia/Lord_Howe", "45 1 * * *", "2026-04-04T00:00Z", "2026-04-04T14:45Z", "2026-04-05T15:15Z")]
    [InlineData("Pacific/Apia", "0 12 30 12 *", "2011-12-01T00:00Z", "2011-12-30T10:00Z", "2012-12-29T22:00Z")]
    [InlineData("Antarctica/Troll", "30 1,2 * * *", "2026-03-28T12:00Z", "2026-03-29T01:00Z", "2026-03-29T23:30Z")]
    public void Clocks_that_jump_by_other_times_than_an_hour_lose_and_double_nothing(
        string zone, string cron, string after, params string[] expected) =>
        Assert.Equal(expected.Select(Time), Next(new() { Cron = cron, TimeZone = zone }, after, expected.Length));

    [Fact]
    public void A_time_that_is_not_later_ends_the_search_with_an_error()
    {
        var standing = new Timetable(Definitions.Of(new() { Cron = "30 2 * * *", TimeZone = "Africa/Casablanca" }), new Standing());

        var exception = Assert.Throws<InvalidOperationException>(() => standing.Next(Time("2026-03-22T01:30Z")));
        Assert.Contains("'test' after 2026-03-22T01:30:00.0000000+00:00 has found 2026-03-22T01:30:00.0000000+00:00, which is not later",
            exception.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => standing.Between(Time("2026-03-22T01:30Z"), DateTimeOffset.MaxValue).Count());
        Assert.Throws<InvalidOperationException>(() => standing.Newest(Time("2026-03-22T01:30Z"), Time("2026-03-23T01:30Z")));
    }

    [Theory]
    [InlineData("2026-11-29..2026-12-05", "2026-11-29T10:00Z", "2026-12-06T00:00Z", "2026-12-06T00:00:01Z")]
    [InlineData("2026-11-29..2031-12-05", "2026-11-29T10:00Z", "2031-12-06T00:00Z", "2031-12-06T00:00:01Z")]
    [InlineData("Saturday Sunday Monday 12-01", "2026-11-28T10:00Z", "2026-12-02T00:00Z", "2026-12-02T00:00:01Z")]
    [InlineData("00:00-23:59:59", "2026-11-28T10:00Z", "2026-11-28T23:59:59Z", "2026-11-29T23:59:59Z")]
    [InlineData("22:00-06:00", "2026-11-28T21:59:59Z", "2026-11-29T06:00Z", "2026-11-29T06:00:01Z")]
    public void The_next_time_after_a_long_exclusion_is_found(string exclusions, string after, params string[] expected)
    {
        var except = exclusions.Split(' ');
        Assert.Equal(expected.Select(Time), Next(new() { Interval = TimeSpan.FromSeconds(1), Except = except }, after, 2));
        Assert.Equal(expected.Select(Time), Next(new() { Cron = "* * * * * ?", Except = except }, after, 2));
    }

    [Fact]
    public void An_exclusion_ends_by_the_clocks_of_its_time_zone_on_the_days_when_they_change() =>
        Assert.Equal(
            [Time("2026-03-29T01:00Z"), Time("2026-10-24T23:59:59Z"), Time("2026-10-25T01:30Z")],
            [
                .. Next(new() { Interval = TimeSpan.FromSeconds(1), Except = ["01:00-02:30"], TimeZone = "Europe/Berlin" },
                    "2026-03-29T00:00Z", 1),
                .. Next(new() { Interval = TimeSpan.FromSeconds(1), Except = ["02:00-02:30"], TimeZone = "Europe/Berlin" },
                    "2026-10-24T23:59:58Z", 1),
                .. Next(new() { Interval = TimeSpan.FromSeconds(1), Except = ["02:00-02:30"], TimeZone = "Europe/Berlin" },
                    "2026-10-25T00:59:59Z", 1),
            ]);

    [Theory]
    [InlineData("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")]
    [InlineData("2020-01-01..9999-12-31")]
    public void A_schedule_whose_days_are_all_excluded_never_comes(string exclusions) =>
        Assert.Empty(Next(new() { Interval = TimeSpan.FromSeconds(1), Except = exclusions.Split(' ') }, "2026-01-01T00:00Z", 1));

    [Theory]
    [InlineData("0 0 29 2 *", "2096-03-01T00:00Z", "2104-02-29T00:00Z")]
    [InlineData("0 0 0 1 1 ? 2150", "2096-03-01T00:00Z", "2150-01-01T00:00Z")]
    public void A_time_decades_away_is_found(string cron, string after, string expected) =>
        Assert.Equal([Time(expected)], Next(new() { Cron = cron }, after, 1));

    [Fact]
    public void A_schedule_that_has_nothing_left_never_comes() =>
        Assert.Empty(Next(new() { Cron = "0 12 * * 6", Except = ["Saturday"] }, "2026-01-01T00:00Z", 1));

    [Fact]
    public void The_newest_occurrence_of_a_long_time_is_found()
    {
        var timetable = Timetable(new() { Cron = "* * * * * ?" });

        Assert.Equal(Time("2026-12-31T12:00Z"), timetable.Newest(Time("2016-01-01T00:00Z"), Time("2026-12-31T12:00Z")));
        Assert.Equal(Time("2020-02-29T00:00Z"),
            Timetable(new() { Cron = "0 0 29 2 *" }).Newest(Time("2016-01-01T00:00Z"), Time("2023-12-31T00:00Z")));
        Assert.Null(Timetable(new() { Cron = "0 0 29 2 *" }).Newest(Time("2021-01-01T00:00Z"), Time("2023-12-31T00:00Z")));
    }

    [Fact]
    public void The_newest_occurrence_before_a_long_exclusion_is_found() =>
        Assert.Equal(
            Time("2026-11-28T23:59:59Z"),
            Timetable(new() { Interval = TimeSpan.FromSeconds(1), Except = ["2026-11-29..2027-01-05"] })
                .Newest(Time("2016-11-20T00:00Z"), Time("2027-01-05T12:00Z")));

    static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    static IEnumerable<DateTimeOffset> Next(ScheduleSettings settings, string after, int count) =>
        Timetable(settings).Between(Time(after), DateTimeOffset.MaxValue).Take(count);

    sealed class Standing : IOccurrences
    {
        public DateTimeOffset? Next(DateTimeOffset after) => after;
    }

    static Timetable Timetable(ScheduleSettings settings) => new(Definitions.Of(settings));
}
