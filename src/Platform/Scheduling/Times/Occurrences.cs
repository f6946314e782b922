namespace Maestro.Bus.Scheduling;

/// <summary>The times of a schedule, before any are left out.</summary>
interface IOccurrences
{
    /// <summary>The first one after a time; null if there is none within <see cref="Timetable.Horizon"/>.</summary>
    DateTimeOffset? Next(DateTimeOffset after);
}

/// <summary>A time and those that follow it at equal distances of real time.</summary>
sealed class IntervalOccurrences(DateTimeOffset? start, TimeSpan interval) : IOccurrences
{
    // Counted from a fixed time, so that every process counts alike and a restart changes nothing.
    readonly DateTimeOffset _origin = (start ?? DateTimeOffset.UnixEpoch).ToUniversalTime();

    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (DateTimeOffset.MaxValue - after < interval)
            return null;

        var passed = after < _origin ? -1 : (after - _origin).Ticks / interval.Ticks;
        return _origin.AddTicks((passed + 1) * interval.Ticks);
    }
}

/// <summary>The times of a cron expression by the clocks of a time zone, as the rule for their changes says.</summary>
sealed class CronOccurrences(Cron cron, TimeZoneInfo zone, DaylightSavingRule rule) : IOccurrences
{
    // Longer than clocks are ever put forward or back.
    static readonly TimeSpan Margin = TimeSpan.FromDays(2);

    // Beyond every time that is looked for. .NET's calendar ends with the year 9999.
    static readonly DateTime Never = new(9_999, 6, 1);
    const int LastYear = 9_900;

    readonly ZoneSpans _zone = ZoneSpans.Of(zone);
    readonly bool _isInBothPasses = cron.Repeats && rule == DaylightSavingRule.Adjust;

    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var at = after.UtcDateTime;
        at = at.AddTicks(TimeSpan.TicksPerSecond - (at.Ticks % TimeSpan.TicksPerSecond));
        var lastYear = Math.Min(at.Year + Timetable.Horizon, LastYear);

        while (at.Year <= lastYear)
        {
            var span = _zone.At(at);

            // What the clocks have just jumped over runs now.
            if (at == span.Start && rule == DaylightSavingRule.Adjust && cron.Next(span.SeenWall, lastYear) < at + span.Offset)
                return Instant(at);

            var wall = cron.Next(at + span.Offset, lastYear) ?? Never;

            if (wall >= span.EndWall)
                at = After(span, wall);
            else if (_isInBothPasses || wall >= span.SeenWall)
                return Instant(wall - span.Offset);
            else
                at = Utc(span.SeenWall - span.Offset) is var passed && passed < span.End ? passed : span.End;
        }

        return null;
    }

    // Where to look on, if the clocks next show a wanted time after a span: at its end, or, if that is far away, shortly before that time.
    DateTime After(ZoneSpan span, DateTime wall)
    {
        var isPutBack = _zone.At(span.End).Offset < span.Offset;
        return isPutBack || wall - span.EndWall <= Margin ? span.End : Utc(wall - span.Offset - Margin);
    }

    static DateTime Utc(DateTime instant) => DateTime.SpecifyKind(instant, DateTimeKind.Utc);

    static DateTimeOffset Instant(DateTime instant) => new(Utc(instant));
}
