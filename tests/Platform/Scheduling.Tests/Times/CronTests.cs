using System.Globalization;

namespace Maestro.Bus.Scheduling.Tests;

/// <summary>What cron expressions mean, by clocks that never change. 1 January 2027 is a Friday.</summary>
public sealed class CronTests
{
    // A year is of a seven-field expression, whose numbers of weekdays are Quartz's.
    [Theory]
    [InlineData("0 2 * * 1-5", "0 0 2 * * 1-5", "0 0 2 ? * 2-6 *", "MON TUE WED THU FRI")]
    [InlineData("0 2 * * 1", "0 0 2 * * 1", "0 0 2 ? * 2 *", "MON")]
    [InlineData("0 2 * * 7", "0 0 2 * * 7", "0 0 2 ? * 1 *", "SUN")]
    [InlineData("0 2 * * 0", "0 0 2 * * 0", "0 0 2 ? * SUN *", "SUN")]
    [InlineData("0 2 * * 5-7", "0 0 2 * * 5-7", "0 0 2 ? * 6-1 *", "SUN FRI SAT")]
    [InlineData("0 2 * * 6-1", "0 0 2 * * SAT-MON", "0 0 2 ? * 7-2 *", "SUN MON SAT")]
    [InlineData("0 2 * * 7-2", "0 0 2 * * sun-tue", "0 0 2 ? * 1-3 *", "SUN MON TUE")]
    [InlineData("0 2 * * 0-7", "0 0 2 * * 1-7", "0 0 2 ? * 1-7 *", "SUN MON TUE WED THU FRI SAT")]
    [InlineData("0 2 * * 1,3,FRI", "0 0 2 ? * 1,3,FRI", "0 0 2 ? * 2,4,6 *", "MON WED FRI")]
    [InlineData("0 2 * * */2", "0 0 2 * * */2", "0 0 2 ? * */2 *", "SUN TUE THU SAT")]
    [InlineData("0 2 * * 1-5/2", "0 0 2 * * MON/2", "0 0 2 ? * 2/2 *", "MON WED FRI")]
    [InlineData("0 2 * * L", "0 0 2 * * L", "0 0 2 ? * L *", "SAT")]
    public void Weekdays_have_one_numbering_in_five_and_six_fields_and_Quartz_s_in_seven(string five, string six, string seven, string days)
    {
        Assert.Equal(days, Week(five));
        Assert.Equal(days, Week(six));
        Assert.Equal(days, Week(seven));
    }

    [Theory]
    [InlineData("0 0 * * 5#2", "0 0 0 * * 5#2", "0 0 0 ? * 6#2 *", "01-08 02-12 03-12")]
    [InlineData("0 0 * * 7#1", "0 0 0 * * SUN#1", "0 0 0 ? * 1#1 *", "01-03 02-07 03-07")]
    [InlineData("0 0 * * 1#5", "0 0 0 * * MON#5", "0 0 0 ? * MON#5 *", "03-29 05-31 08-30")]
    [InlineData("0 0 * * 5L", "0 0 0 * * FRIL", "0 0 0 ? * 6L *", "01-29 02-26 03-26")]
    [InlineData("0 0 * * 1#1,5L", "0 0 0 ? * MON#1,FRIL", "0 0 0 ? * MON#1,6L 2027", "01-04 01-29 02-01")]
    [InlineData("0 0 L * *", "0 0 0 L * ?", "0 0 0 L * ? *", "01-31 02-28 03-31")]
    [InlineData("0 0 L-3 * *", "0 0 0 l-3 * ?", "0 0 0 L-3 * ? *", "01-28 02-25 03-28")]
    [InlineData("0 0 LW * *", "0 0 0 LW * ?", "0 0 0 LW * ? *", "01-29 02-26 03-31")]
    [InlineData("0 0 L-1W * *", "0 0 0 L-1W * ?", "0 0 0 L-1W * ? *", "01-29 02-26 03-30")]
    [InlineData("0 0 1W * *", "0 0 0 1w * ?", "0 0 0 1W * ? *", "01-01 02-01 03-01")]
    [InlineData("0 0 31W * *", "0 0 0 31W * ?", "0 0 0 31W * ? *", "01-29 02-26 03-31")]
    [InlineData("0 0 15,L * *", "0 0 0 15,L * ?", "0 0 0 15,L * ? *", "01-15 01-31 02-15")]
    [InlineData("0 0 28-3 * *", "0 0 0 28-3 * ?", "0 0 0 28-3 * ? *", "01-01 01-02 01-03")]
    [InlineData("0 0 1 DEC-FEB *", "0 0 0 1 12-2 ?", "0 0 0 1 dec-feb ? *", "01-01 02-01 12-01")]
    [InlineData("0 0 1/10 * *", "0 0 0 1-31/10 * ?", "0 0 0 */10 * ? *", "01-01 01-11 01-21")]
    [InlineData("0 0 ? * 1", "0 0 0 ? * MON", "0 0 0 ? * 2 *", "01-04 01-11 01-18")]
    public void Days_have_the_same_forms_in_five_six_and_seven_fields(string five, string six, string seven, string days)
    {
        Assert.Equal(days, Days(five));
        Assert.Equal(days, Days(six));
        Assert.Equal(days, Days(seven));
    }

    [Theory]
    [InlineData("0 0 1 * 1", "01-01 01-04 01-11 01-18 01-25 02-01")]
    [InlineData("0 0 1-7 * */7", "01-03 02-07 03-07 04-04 05-02 06-06")]
    [InlineData("0 0 */2 * 1", "01-11 01-25 02-01 02-15 03-01 03-15")]
    [InlineData("0 0 0 */2 * 1", "01-11 01-25 02-01 02-15 03-01 03-15")]
    [InlineData("0 0 0 */2 * 2 2027", "01-11 01-25 02-01 02-15 03-01 03-15")]
    [InlineData("0 0 * * 1", "01-04 01-11 01-18 01-25 02-01 02-08")]
    [InlineData("0 0 13 * 5", "01-01 01-08 01-13 01-15 01-22 01-29")]
    [InlineData("0 0 13 * ?", "01-13 02-13 03-13 04-13 05-13 06-13")]
    public void Either_day_matches_where_both_are_restricted_unless_one_begins_with_a_star(string cron, string days) =>
        Assert.Equal(days, Days(cron, 6));

    [Theory]
    [InlineData("0\t0\t*\t*\t*", "01-01 00:00, 01-02 00:00")]
    [InlineData("  0 \u00A0 0\n*  *\r\n*\t", "01-01 00:00, 01-02 00:00")]
    [InlineData("@yearly", "01-01 00:00, 01-01 00:00")]
    [InlineData("@annually", "01-01 00:00, 01-01 00:00")]
    [InlineData("@Monthly", "01-01 00:00, 02-01 00:00")]
    [InlineData("@weekly", "01-03 00:00, 01-10 00:00")]
    [InlineData("@daily", "01-01 00:00, 01-02 00:00")]
    [InlineData(" @midnight ", "01-01 00:00, 01-02 00:00")]
    [InlineData("@hourly", "01-01 00:00, 01-01 01:00")]
    [InlineData("*/40 22-1 * * *", "01-01 00:00, 01-01 00:40")]
    [InlineData("5,7 6 1 3 *", "03-01 06:05, 03-01 06:07")]
    [InlineData("50-10/15 * * * *", "01-01 00:05, 01-01 00:50")]
    public void Expressions_have_white_space_and_short_names_and_ranges_that_begin_anew(string cron, string times) =>
        Assert.Equal(
            times, string.Join(", ", Times(cron).Take(2).Select(time => time.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("", "It has 0 fields")]
    [InlineData("* * * *", "It has 4 fields")]
    [InlineData("* * * * * * * *", "It has 8 fields")]
    [InlineData("@reboot", "'@reboot' is not known. There are @yearly")]
    [InlineData("@daily 5", "It has 2 fields")]
    [InlineData("60 * * * *", "'60' is not a valid minute. Use 0 to 59")]
    [InlineData("* 24 * * *", "'24' is not a valid hour. Use 0 to 23")]
    [InlineData("* * 0 * *", "'0' is not a valid day of the month. Use 1 to 31")]
    [InlineData("* * * 13 *", "'13' is not a valid month. Use 1 to 12 or JAN to DEC")]
    [InlineData("* * * * 8", "'8' is not a valid day of the week. Use 0 to 7 or SUN to SAT")]
    [InlineData("* * * * * 8", "'8' is not a valid day of the week. Use 0 to 7 or SUN to SAT")]
    [InlineData("* * * ? * 0 *", "'0' is not a valid day of the week. Use 1 to 7 or SUN to SAT")]
    [InlineData("* * * * MON#6", "'MON#6' is not a valid day of the week. Use #1 to #5")]
    [InlineData("* * L-31 * *", "'L-31' is not a valid day of the month. Use L, LW, or L-1 to L-30")]
    [InlineData("* * W * *", "'W' is not a valid day of the month")]
    [InlineData("*/0 * * * *", "The step of '*/0' is not valid for a minute. Use 1 to 60")]
    [InlineData("*/90 * * * *", "The step of '*/90' is not valid for a minute. Use 1 to 60")]
    [InlineData("1,,2 * * * *", "'' is not a valid minute")]
    [InlineData("? * * * *", "'?' is not a valid minute")]
    [InlineData("+5 * * * *", "'+5' is not a valid minute")]
    [InlineData("٣ * * * *", "'٣' is not a valid minute")]
    [InlineData("0 0 0 1 1 ? 2030-2027", "'2030-2027' ends before it begins. Use 1970 to 2199")]
    public void What_is_not_valid_is_refused_with_what_is(string cron, string message) =>
        Assert.StartsWith(message, Assert.Throws<FormatException>(() => Cron.Parse(cron)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0 0 2 * * 1-5", true)]
    [InlineData("0 0 2 ? * 2#1", true)]
    [InlineData("0 0 2 ? * 6L", true)]
    [InlineData("0 0 2 * * 1-7", false)]
    [InlineData("0 0 2 * * */2", false)]
    [InlineData("0 0 2 * * MON-FRI", false)]
    [InlineData("0 0 2 * * MON#2", false)]
    [InlineData("0 0 2 * * 0", false)]
    [InlineData("0 2 * * 1-5", false)]
    [InlineData("0 0 2 ? * 2-6 *", false)]
    [InlineData("@weekly", false)]
    [InlineData("tomorrow", false)]
    public void Six_fields_whose_numbers_stood_for_other_days_are_known(string cron, bool isRenumbered) =>
        Assert.Equal(isRenumbered, Cron.IsRenumbered(cron));

    /// <summary>Quartz reads seven fields, and what is not numbered, by universal time: random expressions have the same times.</summary>
    [Fact]
    public void Seven_fields_have_the_times_that_Quartz_gives_them()
    {
        var random = new Random(20270101);
        string Pick(params string[] choices) => choices[random.Next(choices.Length)];

        for (var round = 0; round < 500; round++)
        {
            var (day, weekday) = random.Next(2) == 0
                ? (Pick("*", "1", "*/7", "28-3", "10-20/3", "L", "L-2", "LW", "L-1W", "15W", "1W", "31W", "1,15,L"), "?")
                : (Pick("?", "*"), Pick("*", "1", "7", "2-6", "6-2", "*/3", "2/2", "MON,WED", "FRI-SUN", "L", "6L", "2#1", "1#5", "FRIL"));
            var text = string.Join(
                ' ', Pick("0", "*/20", "5-10", "0,30"), Pick("0", "*/25", "58-2", "7,9"), Pick("0", "*", "22-2", "*/5"), day,
                Pick("*", "2", "1,6", "NOV-FEB", "*/5"), weekday, Pick("*", "2027-2029", "2028", "2027/3"));
            var (ours, theirs) = (Cron.Parse(text), Quartz.CronExpression.Parse(text).WithTimeZone(TimeZoneInfo.Utc));

            var time = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(365 * 86_400));
            for (var count = 0; count < 20; count++)
            {
                var expected = theirs.GetNextValidTimeAfter(time);
                Assert.True(expected?.UtcDateTime == ours.Next(time.UtcDateTime.AddSeconds(1), 2100),
                    $"{text} after {time:O}: Quartz has {expected:O}");
                if (expected is null)
                    break;
                time = expected.Value;
            }
        }
    }

    static string Week(string cron) =>
        string.Join(' ', Times(cron).Take(7).Where(time => time < new DateTime(2027, 1, 8)).Select(time => time.DayOfWeek).Order()
            .Select(day => $"{day}"[..3].ToUpperInvariant()));

    static string Days(string cron, int count = 3) =>
        string.Join(' ', Times(cron).Take(count).Select(time => time.ToString("MM-dd", CultureInfo.InvariantCulture)));

    static IEnumerable<DateTime> Times(string cron)
    {
        var parsed = Cron.Parse(cron);
        for (var next = parsed.Next(new DateTime(2027, 1, 1), 2100); next is { } time; next = parsed.Next(time.AddSeconds(1), 2100))
            yield return time;
    }
}
