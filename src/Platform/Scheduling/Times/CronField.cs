using System.Globalization;

namespace Maestro.Bus.Scheduling;

/// <summary>One field of a cron expression: what its values are called and how far they go.</summary>
/// <param name="name">What a value is, for error messages.</param>
/// <param name="first">The smallest value.</param>
/// <param name="last">The largest value.</param>
/// <param name="names">The names of the values from the smallest on, if they have names.</param>
/// <param name="isSundaySeven">Whether a 7 stands for the smallest value, too.</param>
sealed class CronField(string name, int first, int last, string names = "", bool isSundaySeven = false)
{
    readonly string[] _names = names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    readonly int _count = last - first + 1;

    string Allowed => $"Use {first} to {(isSundaySeven ? last + 1 : last)}{(_names.Length > 0 ? $" or {_names[0]} to {_names[^1]}" : "")}";

    /// <summary>Reads a list of values, ranges and steps, as bits.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public ulong Parse(string text) => Bits(Values(text));

    /// <summary>Reads a list of values, ranges and steps.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public IEnumerable<int> Values(string text) => text.Split(',').SelectMany(Item);

    /// <summary>Reads one value, range or step of a list.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public IEnumerable<int> Item(string text)
    {
        var (range, step) = text.IndexOf('/') is >= 0 and var slash ? (text[..slash], Step(text, text[(slash + 1)..])) : (text, 1);
        var hasStep = range.Length < text.Length;

        if (range == "*")
            return Range(first, last, step);

        if (range.IndexOf('-') is > 0 and var dash)
        {
            var (from, to) = (Raw(range[..dash]), Raw(range[(dash + 1)..]));
            return Range(from, from <= to ? to : IsYear ? throw Wrong($"'{range}' ends before it begins") : to + _count, step);
        }

        return Range(Value(range), hasStep ? last : Value(range), step);
    }

    /// <summary>Reads one value.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public int Value(string text) => Folded(Raw(text));

    /// <summary>Whether a text is one value.</summary>
    public bool IsValue(string text) => TryRaw(text, out _);

    public static ulong Bits(IEnumerable<int> values) => values.Aggregate(0UL, (bits, value) => bits | 1UL << value);

    // Years do not begin anew.
    bool IsYear => last > 100;

    IEnumerable<int> Range(int from, int to, int step)
    {
        for (var value = from; value <= to; value += step)
            yield return Folded(value);
    }

    int Folded(int value) => (value - first) % _count + first;

    int Raw(string text) => TryRaw(text, out var value) ? value : throw Wrong($"'{text}' is not a valid {name}");

    bool TryRaw(string text, out int value)
    {
        value = Array.FindIndex(_names, known => known.Equals(text, StringComparison.OrdinalIgnoreCase)) + first;
        return value >= first || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= first
            && value <= (isSundaySeven ? last + 1 : last));
    }

    int Step(string item, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step >= 1 && step <= _count
            ? step
            : throw new FormatException($"The step of '{item}' is not valid for a {name}. Use 1 to {_count}");

    FormatException Wrong(string what) => new($"{what}. {Allowed}");
}
