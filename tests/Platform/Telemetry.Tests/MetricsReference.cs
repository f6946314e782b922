namespace Maestro.Bus.Telemetry.Tests;

/// <summary>The table of docs/metrics.md.</summary>
static class MetricsReference
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = TestFolder.Above("Bus.sln");

    /// <summary>The metrics by their names at Prometheus, with their labels.</summary>
    public static IReadOnlyDictionary<string, string[]> Labels { get; } =
        File.ReadLines(Path.Combine(Root, "docs", "metrics.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 4 && cells[1].StartsWith('`'))
            .ToDictionary(
                cells => cells[1].Trim('`'),
                cells => cells[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(label => label.Trim('`')).ToArray());
}
