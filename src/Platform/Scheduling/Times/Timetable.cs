namespace Maestro.Bus.Scheduling;

/// <summary>When a schedule runs. The same times for everyone who asks, whatever the process has missed.</summary>
sealed class Timetable
{
    /// <summary>How many years ahead a run is looked for.</summary>
    public const int Horizon = 100;

    readonly ScheduleDefinition _definition;
    readonly IOccurrences _occurrences;
    readonly ZoneSpans _zone;
    readonly Exclusion[] _exclusions;

    /// <summary>Reads a definition.</summary>
    /// <exception cref="FormatException">Its cron expression or one of its exclusions is not valid.</exception>
    /// <exception cref="TimeZoneNotFoundException">This machine does not know its time zone.</exception>
    public Timetable(ScheduleDefinition definition)
        : this(definition, Of(definition))
    {
    }

    internal Timetable(ScheduleDefinition definition, IOccurrences occurrences)
    {
        _definition = definition;
        _occurrences = occurrences;
        _zone = ZoneSpans.Of(TimeZones.Find(definition.TimeZone));
        _exclusions = [.. definition.Except.Select(text =>
            Exclusion.Parse(text) ?? throw new FormatException($"'{text}' is not an exclusion. Use {Exclusion.Forms}."))];
    }

    /// <summary>Tells whether an exception says that a schedule's times cannot be worked out.</summary>
    public static bool IsProblem(Exception exception) =>
        exception is FormatException or TimeZoneNotFoundException or InvalidTimeZoneException or InvalidOperationException;

    /// <summary>The first occurrence after a time; null if there is no other within 100 years.</summary>
    /// <exception cref="InvalidOperationException">The search has found a time that is not later than the one asked for.</exception>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var from = _definition.Start is { } start && start > after ? start.AddTicks(-1) : after;
        var lastYear = from.UtcDateTime.Year + Horizon;

        while (_occurrences.Next(from) is { } candidate)
        {
            if (candidate <= from)
                throw NotLater(
                    candidate, from, _definition.Name, $"{_definition.Cron ?? $"{_definition.Interval}"}, {_definition.TimeZone}");

            if (candidate > _definition.End || candidate.UtcDateTime.Year > lastYear)
                return null;

            if (ExcludedUntil(candidate) is not { } wall)
                return candidate;

            if (wall.Year > lastYear)
                return null;

            from = new DateTimeOffset(_zone.FirstAt(candidate.UtcDateTime, wall).AddTicks(-1));
        }

        return null;
    }

    /// <summary>The occurrences after a time, up to and with another.</summary>
    public IEnumerable<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        for (var next = Next(after); next <= until; next = Next(next.Value))
            yield return next.Value;
    }

    /// <summary>
    /// The newest occurrence after a time, up to and with another; null if there is none. Halves the time again and again, so that a
    /// month of seconds costs little.
    /// </summary>
    public DateTimeOffset? Newest(DateTimeOffset after, DateTimeOffset until)
    {
        DateTimeOffset? newest = null;
        for (var (low, high) = (after, until); high > low;)
        {
            var middle = newest is null ? low : low + ((high - low) / 2);
            if (Next(middle) is { } next && next <= until)
                (newest, low) = (next, next);
            else if (newest is null || middle == low)
                break;
            else
                high = middle;
        }

        return newest;
    }

    /// <summary>Says that the search for a run does not come to an end: it has found a time that is not later than another.</summary>
    /// <param name="found">What it has found.</param>
    /// <param name="from">What that was to be later than.</param>
    /// <param name="name">Whose run is looked for.</param>
    /// <param name="times">The times by which it runs.</param>
    internal static InvalidOperationException NotLater(DateTimeOffset found, DateTimeOffset from, string name, string times) =>
        new($"The search for the next run of the schedule '{name}' after {from:O} has found {found:O}, which is not later. Report this "
            + $"fault with the schedule's times ({times}), and give the schedule other times until it is mended.");

    static IOccurrences Of(ScheduleDefinition definition) => definition.Cron is { } cron
        ? new CronOccurrences(Cron.Parse(cron), TimeZones.Find(definition.TimeZone), definition.DaylightSaving)
        : new IntervalOccurrences(definition.Start, definition.Interval!.Value);

    // What the clocks show when the exclusions that a time falls under end; null if it falls under none.
    DateTime? ExcludedUntil(DateTimeOffset candidate)
    {
        if (_exclusions.Length == 0)
            return null;

        var wall = candidate.UtcDateTime + _zone.At(candidate.UtcDateTime).Offset;
        return _exclusions.Max(exclusion => exclusion.ExcludesUntil(wall));
    }
}
