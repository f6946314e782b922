using System.Globalization;

namespace Maestro.Bus.Messaging;

/// <summary>Reads durations as people write them: <c>250ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>, <c>30d</c>, or <c>00:00:05</c>.</summary>
public static class Duration
{
    static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a duration; <c>false</c> where the text is none, such as a bare number.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        foreach (var (suffix, unit) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text[..^suffix.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && number <= TimeSpan.MaxValue / unit)
            {
                duration = unit * number;
                return true;
            }
        }

        // A bare number would be read as days, which nobody means.
        duration = default;
        return text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
    }

    /// <summary>
    /// Writes a duration with the largest unit of which it is a whole multiple, such as <c>5m</c> for 300 seconds; parts of a millisecond
    /// as <c>00:00:00.0005000</c>.
    /// </summary>
    public static string Format(TimeSpan duration)
    {
        foreach (var (suffix, unit) in Units.Reverse())
        {
            if (duration.Ticks % unit.Ticks == 0 && (duration != TimeSpan.Zero || suffix == "s"))
                return string.Create(CultureInfo.InvariantCulture, $"{duration.Ticks / unit.Ticks}{suffix}");
        }

        return duration.ToString("c", CultureInfo.InvariantCulture);
    }
}
