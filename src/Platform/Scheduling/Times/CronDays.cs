using System.Globalization;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// The days of a cron expression: its day of the month and its day of the week. Where both are restricted, either may match, as in
/// crontab, unless one of them begins with <c>*</c>:
/// then both must.
/// </summary>
sealed class CronDays
{
    const int DaysOfWeek = 7;
    const string Weekdays = "SUN MON TUE WED THU FRI SAT";

    static readonly CronField DayOfMonth = new("day of the month", 1, 31);
    static readonly CronField Crontab = new("day of the week", 0, 6, Weekdays, isSundaySeven: true);
    static readonly CronField Quartz = new("day of the week", 1, 7, Weekdays);

    readonly bool _either;
    readonly CronNumbering _numbering;

    ulong _days;
    ulong _weekdays;

    // The last day of the month, or so many days before it; and the weekday, Monday to Friday, that is nearest to a day.
    readonly List<int> _beforeLast = [];
    readonly List<int> _nearest = [];
    readonly List<int> _nearestBeforeLast = [];
    readonly HashSet<(int Weekday, int Week)> _nth = [];
    readonly HashSet<int> _last = [];

    /// <exception cref="FormatException">One of the fields is not valid.</exception>
    public CronDays(string day, string weekday, CronNumbering numbering)
    {
        _numbering = numbering;
        _either = !IsOpen(day) && !IsOpen(weekday);

        foreach (var item in Items(day))
            AddDay(item);
        foreach (var item in Items(weekday))
            AddWeekday(item);
    }

    /// <summary>Whether a day is among them.</summary>
    public bool Match(DateTime day) => _either ? IsDay(day) || IsWeekday(day) : IsDay(day) && IsWeekday(day);

    /// <summary>Whether the field of the weekday stands for the same days in both.</summary>
    public bool HasWeekdaysOf(CronDays other) => _weekdays == other._weekdays && _nth.SetEquals(other._nth) && _last.SetEquals(other._last);

    CronField Week => _numbering == CronNumbering.Crontab ? Crontab : Quartz;

    static bool IsOpen(string field) => field[0] is '*' or '?';

    static string[] Items(string field) => field == "?" ? ["*"] : field.Split(',');

    void AddDay(string item)
    {
        var isNearest = item.Length > 1 && item[^1] is 'W' or 'w';
        var text = isNearest ? item[..^1] : item;

        if (text is ['L' or 'l', .. var rest])
            (isNearest ? _nearestBeforeLast : _beforeLast).Add(
                rest == "" ? 0
                : rest[0] == '-' && int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var before) && before <= 30
                    ? before
                : throw new FormatException($"'{item}' is not a valid day of the month. Use L, LW, or L-1 to L-30"));
        else if (isNearest)
            _nearest.Add(DayOfMonth.Value(text));
        else
            _days |= CronField.Bits(DayOfMonth.Item(text));
    }

    void AddWeekday(string item)
    {
        if (item is "L" or "l")
            _weekdays |= 1UL << (int)DayOfWeek.Saturday;
        else if (item is [.., 'L' or 'l'] && Week.IsValue(item[..^1]))
            _last.Add(Weekday(Week.Value(item[..^1])));
        else if (item.IndexOf('#') is >= 0 and var hash)
            _nth.Add((Weekday(Week.Value(item[..hash])), Nth(item, item[(hash + 1)..])));
        else
            _weekdays |= CronField.Bits(Week.Item(item).Select(Weekday));
    }

    int Weekday(int value) => _numbering == CronNumbering.Crontab ? value : value - 1;

    static int Nth(string item, string text) => text is [>= '1' and <= '5']
        ? text[0] - '0'
        : throw new FormatException($"'{item}' is not a valid day of the week. Use #1 to #5");

    bool IsDay(DateTime day)
    {
        if ((_days >> day.Day & 1) != 0)
            return true;

        var last = DateTime.DaysInMonth(day.Year, day.Month);
        return _beforeLast.Exists(before => day.Day == last - before)
            || _nearest.Exists(wanted => day.Day == Nearest(day, Math.Min(wanted, last), last))
            || _nearestBeforeLast.Exists(before => last > before && day.Day == Nearest(day, last - before, last));
    }

    bool IsWeekday(DateTime day)
    {
        var weekday = (int)day.DayOfWeek;
        return (_weekdays >> weekday & 1) != 0
            || _nth.Contains((weekday, (day.Day - 1) / DaysOfWeek + 1))
            || (_last.Contains(weekday) && day.Day + DaysOfWeek > DateTime.DaysInMonth(day.Year, day.Month));
    }

    // Monday to Friday, and in the same month.
    static int Nearest(DateTime month, int wanted, int last) => new DateTime(month.Year, month.Month, wanted).DayOfWeek switch
    {
        DayOfWeek.Saturday => wanted > 1 ? wanted - 1 : wanted + 2,
        DayOfWeek.Sunday => wanted < last ? wanted + 1 : wanted - 2,
        _ => wanted,
    };
}
