using System.Globalization;
using System.Text;

namespace Maestro.Bus.Benchmarks;

/// <summary>Draws what the soak has measured: a column for each host, a row for each figure.</summary>
static class SoakPlot
{
    const int Width = 380;
    const int Height = 110;
    const int Left = 60;
    const int Top = 40;
    const int Gap = 34;
    const int Points = 180;

    /// <summary>Draws an SVG image.</summary>
    public static string Draw(IEnumerable<(string Name, List<Sample> Samples)> hosts)
    {
        var columns = hosts.ToList();
        var (width, height) = (columns.Count * (Width + Left) + 20, Top + SoakBenchmark.Measures.Count * (Height + Gap));
        var svg = new StringBuilder($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" """)
            .AppendLine("""font-family="sans-serif" font-size="11" fill="#444">""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect width="{width}" height="{height}" fill="#fff"/>""");

        for (var column = 0; column < columns.Count; column++)
        {
            var x = Left + column * (Width + Left);
            svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x}" y="18" font-size="14">{columns[column].Name}</text>""");
            for (var row = 0; row < SoakBenchmark.Measures.Count; row++)
                Curve(svg, x, Top + row * (Height + Gap), SoakBenchmark.Measures[row], columns[column].Samples);
        }

        return svg.AppendLine("</svg>").ToString();
    }

    static void Curve(StringBuilder svg, int x, int y, (string Name, Func<Sample, double> Value) measure, List<Sample> samples)
    {
        var most = samples.Max(measure.Value) * 1.1;
        var end = samples[^1].At.TotalMinutes;
        most = most == 0 ? 1 : most;
        var group = Math.Max(1, samples.Count / Points);
        var points = samples.Chunk(group).Select(chunk => string.Create(
            CultureInfo.InvariantCulture,
            $"{x + Width * chunk[0].At.TotalMinutes / end:0.#},{y + Height - Height * chunk.Average(measure.Value) / most:0.#}"));

        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x}" y="{y - 5}">{measure.Name}</text>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<path d="M{x} {y}V{y + Height}H{x + Width}" fill="none" stroke="#999"/>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x - 5}" y="{y + 8}" text-anchor="end">{most:#,0}</text>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x - 5}" y="{y + Height}" text-anchor="end">0</text>""");
        var (right, below, line) = (x + Width, y + Height + 14, string.Join(' ', points));
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{right}" y="{below}" text-anchor="end">{end:0} min</text>""");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<polyline points="{line}" fill="none" stroke="#2a6" stroke-width="1.5"/>""");
    }
}
