using Quartz;

namespace MaestroBus.Scheduling;

/// <summary>When a schedule runs. The same times for everyone who asks, whatever the process has missed.</summary>
sealed class Timetable
{
    // Exclusions may leave nothing of a schedule; after so many times that are all excluded there is no sense in looking on.
    const int MostExcluded = 100_000;

    readonly ScheduleDefinition _definition;
    readonly CronExpression? _cron;
    readonly CronExpression? _wallClock;
    readonly TimeZoneInfo _zone;
    readonly Exclusion[] _exclusions;

    public Timetable(ScheduleDefinition definition)
    {
        _definition = definition;
        _zone = TimeZones.Find(definition.TimeZone);
        _exclusions = [.. definition.Except.Select(text => Exclusion.Parse(text) ?? throw new FormatException($"'{text}' is no exclusion. Use {Exclusion.Forms}."))];

        if (definition.Cron is not null)
        {
            var cron = Scheduling.Cron.Parse(definition.Cron);
            _cron = cron.WithTimeZone(_zone);
            _wallClock = cron.WithTimeZone(TimeZoneInfo.Utc);
        }
    }

    /// <summary>The cron expression in its time zone; none for an interval.</summary>
    public CronExpression? Cron => _cron;

    /// <summary>The first occurrence after a time; none where there is no other.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var from = _definition.Start is { } start && start > after ? start.AddTicks(-1) : after;

        for (var tries = 0; tries < MostExcluded; tries++)
        {
            if (Candidate(from) is not { } candidate || candidate > _definition.End)
                return null;

            if (IsOccurrence(candidate))
                return candidate;

            from = candidate;
        }

        return null;
    }

    /// <summary>The occurrences after a time, up to and with another.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var next = Next(after); next <= until; next = Next(next.Value))
            yield return next.Value;
    }

    /// <summary>The newest occurrence after a time, up to and with another. Looks back from the end, so that a month of seconds costs little.</summary>
    public DateTimeOffset? Newest(DateTimeOffset after, DateTimeOffset until)
    {
        for (var window = TimeSpan.FromMinutes(1); ; window *= 4)
        {
            var from = until - after <= window ? after : until - window;
            DateTimeOffset? newest = null;
            foreach (var occurrence in Between(from, until))
                newest = occurrence;

            if (newest is not null || from == after)
                return newest;
        }
    }

    DateTimeOffset? Candidate(DateTimeOffset after)
    {
        if (_cron is not null)
            return _cron.GetNextValidTimeAfter(after)?.ToUniversalTime();

        // Counted from a fixed time, so that every process counts alike and a restart changes nothing.
        var origin = _definition.Start ?? DateTimeOffset.UnixEpoch;
        var interval = _definition.Interval!.Value.Ticks;
        var passed = after < origin ? -1 : (after - origin).Ticks / interval;
        return origin.ToUniversalTime().AddTicks((passed + 1) * interval);
    }

    bool IsOccurrence(DateTimeOffset candidate)
    {
        var local = TimeZoneInfo.ConvertTime(candidate, _zone);
        return !Array.Exists(_exclusions, exclusion => exclusion.Excludes(local.DateTime))
            && (_definition.DaylightSaving == DaylightSavingRule.Adjust || _cron is null || (Exists(local) && !IsSecondPass(local)));
    }

    // A time that the clocks have jumped over comes at another one, which the expression does not name.
    bool Exists(DateTimeOffset local) => _wallClock!.IsSatisfiedBy(new DateTimeOffset(local.DateTime, TimeSpan.Zero));

    bool IsSecondPass(DateTimeOffset local) =>
        _zone.IsAmbiguousTime(local.DateTime) && local.Offset == _zone.GetAmbiguousTimeOffsets(local.DateTime).Min();
}
