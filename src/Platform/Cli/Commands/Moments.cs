using System.Globalization;

namespace Maestro.Bus.Cli;

/// <summary>Reads times as people type them.</summary>
static class Moments
{
    static readonly Dictionary<char, TimeSpan> Units = new()
    {
        ['s'] = TimeSpan.FromSeconds(1),
        ['m'] = TimeSpan.FromMinutes(1),
        ['h'] = TimeSpan.FromHours(1),
        ['d'] = TimeSpan.FromDays(1),
    };

    const double LongestDays = 36_500;

    /// <summary>A time, or how long ago: <c>2026-11-24T09:00Z</c>, <c>2026-11-24</c> (UTC), <c>2h</c>; none for anything else.</summary>
    public static DateTimeOffset? Parse(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && Units.TryGetValue(text[^1], out var unit)
            && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            return unit.TotalDays * count <= LongestDays ? now - (unit * count) : null;

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    /// <summary>How long ago something was, in a word.</summary>
    public static string Ago(DateTimeOffset time, DateTimeOffset now) => (now - time) switch
    {
        { TotalSeconds: < 60 } age => $"{Math.Max(0, (int)age.TotalSeconds)}s ago",
        { TotalMinutes: < 60 } age => $"{(int)age.TotalMinutes}m ago",
        { TotalHours: < 48 } age => $"{(int)age.TotalHours}h ago",
        var age => $"{(int)age.TotalDays}d ago",
    };
}
