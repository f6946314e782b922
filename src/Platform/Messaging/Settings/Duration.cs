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
}
