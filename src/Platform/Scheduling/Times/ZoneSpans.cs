using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Maestro.Bus.Scheduling;

/// <summary>
/// A time zone as stretches of time in which its clocks run evenly. It asks .NET for nothing but the offset at an instant: what .NET 10
/// says of invalid and ambiguous times is wrong
/// for zones whose rules change from year to year, such as Africa/Casablanca.
/// </summary>
sealed class ZoneSpans
{
    // No zone changes its clocks twice within a step.
    static readonly TimeSpan Step = TimeSpan.FromHours(12);
    static readonly ConditionalWeakTable<TimeZoneInfo, ZoneSpans> Known = [];

    readonly TimeZoneInfo _zone;
    readonly ConcurrentDictionary<int, DateTime[]> _changes = [];

    ZoneSpans(TimeZoneInfo zone) => _zone = zone;

    public static ZoneSpans Of(TimeZoneInfo zone) => Known.GetValue(zone, found => new ZoneSpans(found));

    /// <summary>The stretch that an instant of universal time is in.</summary>
    public ZoneSpan At(DateTime instant)
    {
        // The years around it: a span ends, at the latest, a whole year after the instant, whether the clocks change there or not.
        var (first, last) = (Math.Max(instant.Year - 1, 1), Math.Min(instant.Year + 1, DateTime.MaxValue.Year - 1));
        var (start, end) = (new DateTime(first, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(last + 1, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        for (var year = first; year <= last; year++)
        {
            foreach (var change in _changes.GetOrAdd(year, Find))
            {
                if (change <= instant)
                    start = change;
                else
                    return Span(start, change);
            }
        }

        return Span(start, end);
    }

    /// <summary>The first instant, from one on, at which the clocks show a time or a later one.</summary>
    public DateTime FirstAt(DateTime instant, DateTime wall)
    {
        while (true)
        {
            var span = At(instant);
            if (instant + span.Offset >= wall)
                return instant;
            if (span.End + span.Offset > wall)
                return DateTime.SpecifyKind(wall - span.Offset, DateTimeKind.Utc);

            instant = span.End;
        }
    }

    ZoneSpan Span(DateTime start, DateTime end) =>
        new(start, end, _zone.GetUtcOffset(start), start.Ticks > 0 ? _zone.GetUtcOffset(start.AddTicks(-1)) : _zone.GetUtcOffset(start));

    DateTime[] Find(int year)
    {
        List<DateTime> changes = [];
        var end = new DateTime(year + 1, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        // From the second before the year's first, at which clocks may change.
        for (var before = new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(year > 1 ? -1 : 0); before < end.AddSeconds(
            -1); before += Step)
        {
            var after = before + Step < end ? before + Step : end.AddSeconds(-1);
            if (_zone.GetUtcOffset(before) != _zone.GetUtcOffset(after))
                changes.Add(Change(before, after));
        }

        return [.. changes];
    }

    DateTime Change(DateTime before, DateTime after)
    {
        var offset = _zone.GetUtcOffset(before);
        var (low, high) = (0L, (long)(after - before).TotalSeconds);
        while (high - low > 1)
        {
            if (_zone.GetUtcOffset(before.AddSeconds((low + high) / 2)) == offset)
                low = (low + high) / 2;
            else
                high = (low + high) / 2;
        }

        return before.AddSeconds(high);
    }
}

/// <summary>A stretch of universal time in which a zone's clocks run evenly.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="End">When it ends, not included.</param>
/// <param name="Offset">How far the clocks are ahead of universal time.</param>
/// <param name="OffsetBefore">How far they were ahead just before.</param>
readonly record struct ZoneSpan(DateTime Start, DateTime End, TimeSpan Offset, TimeSpan OffsetBefore)
{
    /// <summary>What the clocks show where it ends.</summary>
    public DateTime EndWall => End + Offset;

    /// <summary>What the clocks had shown when they were changed at its start: an earlier time comes for the second time.</summary>
    public DateTime SeenWall => Start + OffsetBefore;
}
