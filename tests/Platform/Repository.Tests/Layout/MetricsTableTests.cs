using System.Text.RegularExpressions;

namespace Maestro.Bus.Repository.Tests;

/// <summary>docs/metrics.md says of each metric what it counts.</summary>
public sealed partial class MetricsTableTests
{
    [Fact]
    public void The_table_has_the_instruments_that_are_declared_each_once()
    {
        var declared = Directory.EnumerateFiles(Path.Combine(Solution.Root, "src", "Platform"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Instrument().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["name"].Value)
            .Order(StringComparer.Ordinal)
            .ToList();
        var told = File.ReadLines(Path.Combine(Solution.Root, "docs", "metrics.md"))
            .Select(line => Row().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups["name"].Value)
            .Order(StringComparer.Ordinal);

        Assert.NotEmpty(declared);
        Assert.Equal(declared, told);
    }

    [GeneratedRegex("""
        (\.Create(Observable)?(Counter|UpDownCounter|Gauge|Histogram)(<\w+>)?\(|\bDeclaredCounter\(\s*_meter,|= Counter\()\s*"(?<name>[^"]+)
        """)]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^\| `\w+` \| `(?<name>[\w.]+)` \|")]
    private static partial Regex Row();
}
