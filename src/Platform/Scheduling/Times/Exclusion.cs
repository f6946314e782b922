using System.Globalization;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// Days and times when a schedule does not run, in its own time zone: a weekday (<c>Saturday</c>), a date (<c>2026-12-24</c>), a day of
/// each year (<c>12-25</c>), a range of dates (<c>2026-12-24..2027-01-02</c>), or a time of each day (<c>22:00-06:00</c>, the end not
/// included).
/// </summary>
sealed class Exclusion
{
    public const string Forms = "a weekday (Saturday), a date (2026-12-24), a day of each year (12-25), a range of dates "
        + "(2026-12-24..2027-01-02) or a time of each day (22:00-06:00)";

    readonly Func<DateTime, DateTime?> _until;

    Exclusion(Func<DateTime, DateTime?> until) => _until = until;

    /// <summary>The local time at which the exclusion that a local time falls under ends; null if it does not fall under it.</summary>
    public DateTime? ExcludesUntil(DateTime local) => _until(local);

    /// <summary>Reads one; null if the text is not a valid exclusion.</summary>
    public static Exclusion? Parse(string text)
    {
        text = text.Trim();
        return Weekday(text) ?? DateRange(text) ?? Date(text) ?? DayOfYear(text) ?? TimeRange(text);
    }

    static Exclusion? Weekday(string text) =>
        !char.IsAsciiDigit(text.FirstOrDefault()) && Enum.TryParse<DayOfWeek>(text, ignoreCase: true, out var day)
            ? Day(local => local.DayOfWeek == day)
            : null;

    static Exclusion? DateRange(string text) =>
        text.Split("..") is [var first, var last] && TryDate(first, out var from) && TryDate(last, out var to) && from <= to
            ? new Exclusion(local =>
                DateOnly.FromDateTime(local) is var day && day >= from && day <= to ? NextDay(to.ToDateTime(TimeOnly.MinValue)) : null)
            : null;

    static Exclusion? Date(string text) => TryDate(text, out var date) ? Day(local => DateOnly.FromDateTime(local) == date) : null;

    // 2024 is a leap year, so that 02-29 is a day, too.
    static Exclusion? DayOfYear(string text) =>
        text.Length == 5 && TryDate($"2024-{text}", out var day) ? Day(local => local.Month == day.Month && local.Day == day.Day) : null;

    static Exclusion? TimeRange(string text) =>
        text.Split('-') is [var first, var last] && TryTime(first, out var from) && TryTime(last, out var to) && from != to
            ? new Exclusion(local =>
                TimeOnly.FromDateTime(local) is var time && time.IsBetween(from, to)
                    ? (time < to ? local.Date : NextDay(local)) + to.ToTimeSpan()
                    : null)
            : null;

    static Exclusion Day(Func<DateTime, bool> isExcluded) => new(local => isExcluded(local) ? NextDay(local) : null);

    static DateTime NextDay(DateTime local) => local.Date < DateTime.MaxValue.Date ? local.Date.AddDays(1) : DateTime.MaxValue;

    static bool TryDate(string text, out DateOnly date) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    static bool TryTime(string text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
}
