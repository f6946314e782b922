using System.Numerics;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// A cron expression: five fields as in crontab, six with seconds first, both with 0 and 7 for Sunday, or seven with seconds first and
/// the year last, which number weekdays as
/// Quartz does (1 is Sunday). It knows the times that clocks show, and nothing of time zones.
/// </summary>
sealed class Cron
{
    const int FirstYear = 1970;
    const int LastYear = 2199;

    static readonly CronField Second = new("second", 0, 59);
    static readonly CronField Minute = new("minute", 0, 59);
    static readonly CronField Hour = new("hour", 0, 23);
    static readonly CronField Month = new("month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC");
    static readonly CronField Year = new("year", FirstYear, LastYear);

    static readonly Dictionary<string, string> Macros = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
        ["@monthly"] = "0 0 1 * *",
        ["@weekly"] = "0 0 * * 0",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@hourly"] = "0 * * * *",
    };

    readonly ulong _seconds;
    readonly ulong _minutes;
    readonly ulong _hours;
    readonly ulong _months;
    readonly HashSet<int>? _years;
    readonly int _lastYear;
    readonly CronDays _days;

    Cron(string[] fields, CronNumbering numbering)
    {
        _seconds = Second.Parse(fields[0]);
        _minutes = Minute.Parse(fields[1]);
        _hours = Hour.Parse(fields[2]);
        _days = new CronDays(fields[3], fields[5], numbering);
        _months = Month.Parse(fields[4]);
        _years = fields.Length == 7 && fields[6] != "*" ? [.. Year.Values(fields[6])] : null;
        _lastYear = _years?.Max() ?? int.MaxValue;
        Repeats = fields.Take(3).Any(field => field.AsSpan().ContainsAny("*-/"));
    }

    /// <summary>
    /// Whether it repeats within the day: its second, minute or hour has <c>*</c>, a range or a step. Otherwise it names fixed times.
    /// </summary>
    public bool Repeats { get; }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="FormatException">It is not a valid expression; the message says what is wrong.</exception>
    public static Cron Parse(string expression)
    {
        var fields = Fields(expression);
        return new Cron(fields, fields.Length == 7 ? CronNumbering.Quartz : CronNumbering.Crontab);
    }

    /// <summary>
    /// Whether an expression of six fields has weekday numbers that stand for other days than in Quartz's numbering, which such
    /// expressions were read by before.
    /// </summary>
    public static bool IsRenumbered(string expression)
    {
        try
        {
            var fields = Split(expression);
            return fields.Length == 6
                && !new CronDays(fields[3], fields[5], CronNumbering.Crontab)
                    .HasWeekdaysOf(new CronDays(fields[3], fields[5], CronNumbering.Quartz));
        }
        catch (FormatException)
        {
            // It has a 0, or cannot be read at all: there was no such schedule before.
            return false;
        }
    }

    /// <summary>Whether there is a time that it matches; 31 February, for one, does not exist.</summary>
    public bool Occurs => Next(new DateTime(FirstYear, 1, 1), LastYear) is not null;

    /// <summary>
    /// The first time that it matches, at or after a time of the same clock; null if there is none up to the end of a year.
    /// </summary>
    /// <param name="from">The earliest time, in whole seconds.</param>
    /// <param name="untilYear">The last year to look at.</param>
    public DateTime? Next(DateTime from, int untilYear)
    {
        var day = from.Date;
        var time = from.TimeOfDay;

        for (var end = Math.Min(Math.Min(untilYear, _lastYear), DateTime.MaxValue.Year - 1); day.Year <= end;)
        {
            if (_years?.Contains(day.Year) == false)
                (day, time) = (new DateTime(day.Year + 1, 1, 1), TimeSpan.Zero);
            else if ((_months >> day.Month & 1) == 0)
                (day, time) = (new DateTime(day.Year, day.Month, 1).AddMonths(1), TimeSpan.Zero);
            else if (_days.Match(day) && TimeOfDay(time) is { } found)
                return day + found;
            else
                (day, time) = (day.AddDays(1), TimeSpan.Zero);
        }

        return null;
    }

    TimeSpan? TimeOfDay(TimeSpan from)
    {
        for (var hour = Next(_hours, from.Hours); hour >= 0; hour = Next(_hours, hour + 1))
        {
            var isFirstHour = hour == from.Hours;
            for (var minute = Next(_minutes, isFirstHour ? from.Minutes : 0); minute >= 0; minute = Next(_minutes, minute + 1))
            {
                if (Next(_seconds, isFirstHour && minute == from.Minutes ? from.Seconds : 0) is >= 0 and var second)
                    return new TimeSpan(hour, minute, second);
            }
        }

        return null;
    }

    // The first value from one on, or -1.
    static int Next(ulong values, int from) => (values >> from) is > 0 and var left ? from + BitOperations.TrailingZeroCount(left) : -1;

    static string[] Fields(string expression)
    {
        var fields = Split(expression);
        if (fields is [['@', ..]])
            fields = Split(Macros.GetValueOrDefault(fields[0])
                ?? throw new FormatException($"'{fields[0]}' is not known. There are {string.Join(", ", Macros.Keys)}"));

        return fields.Length switch
        {
            5 => ["0", .. fields],
            6 or 7 => fields,
            _ => throw new FormatException($"It has {fields.Length} {(fields.Length == 1 ? "field" : "fields")}"),
        };
    }

    static string[] Split(string expression) => expression.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
