using System.Text.RegularExpressions;

namespace Maestro.Bus.FromMassTransit.Tests;

/// <summary>What <c>docs/from-masstransit.md</c> says in code.</summary>
static partial class Guide
{
    static readonly string[] Lines = File.ReadAllLines(Path.Combine(Root, "docs", "from-masstransit.md"));

    public static string Root => TestFolder.Above("Bus.sln");

    /// <summary>The query that counts what must be done before the new application is stopped for good.</summary>
    public static string StillToDo => string.Join('\n', Block("sql"));

    /// <summary>The lines that an application leaves out.</summary>
    public static IReadOnlyList<string> Removed => Changed('-');

    /// <summary>The lines that take their places.</summary>
    public static IReadOnlyList<string> Added => Changed('+');

    /// <summary>The tests that it names.</summary>
    public static IReadOnlyList<(string Class, string Method)> Tests { get; } =
        [.. Lines.SelectMany(line => TestName().Matches(line)).Select(match => (match.Groups[1].Value, match.Groups[2].Value))];

    [GeneratedRegex(@"`(\w+(?:Tests|Suite))\.(\w+)`")]
    private static partial Regex TestName();

    static string[] Changed(char mark) =>
        [.. Block("diff").Where(line => line.StartsWith(mark)).Select(line => line[1..].Trim()).Where(line => line.Length > 0)];

    static IEnumerable<string> Block(string language)
    {
        var isIn = false;
        foreach (var line in Lines)
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isIn = line.Trim() == $"```{language}";
            else if (isIn)
                yield return line;
        }
    }
}
