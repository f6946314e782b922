using System.Diagnostics;
using System.Globalization;
using Maestro.Bus.Ledger.Chaos;

namespace Maestro.Bus.Benchmarks;

/// <summary>
/// A host on SQLite and one on RabbitMQ and PostgreSQL, side by side, each with 200 messages a second through HTTP, outbox, queue and inbox
/// into a table: what they take of memory, handles, files and rows, every ten seconds.
/// </summary>
static class SoakBenchmark
{
    const int Keys = 50;
    const int PerSecond = 200;
    const int UsualMinutes = 60;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    static readonly string[] Columns = ["third quarter", "last quarter", "change %", "slope / h"];

    /// <summary>The figures, what they are called, and how they are read.</summary>
    public static IReadOnlyList<(string Name, Func<Sample, double> Value)> Measures { get; } =
    [
        ("memory MiB", sample => sample.Memory),
        ("handles", sample => sample.Handles),
        ("files MiB", sample => sample.Files),
        ("rows", sample => sample.Rows),
    ];

    /// <summary>
    /// Runs for so many minutes, an hour if none are named, and writes <c>artifacts/soak.csv</c>. Given such a file instead, as of a run
    /// that was interrupted, only reads it. Draws <c>artifacts/soak.svg</c>.
    /// </summary>
    /// <exception cref="ArgumentException">It is neither minutes nor a file.</exception>
    public static async Task<Report> Run(string? argument, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory("artifacts");
        var file = "artifacts/soak.csv";
        if (File.Exists(argument))
            file = argument;
        else if (!double.TryParse(argument ?? $"{UsualMinutes}", CultureInfo.InvariantCulture, out var minutes) || minutes <= 0)
            throw new ArgumentException(
                $"'{argument}' is neither minutes nor a file. Use minutes, such as 60, or the soak.csv of an earlier run.");
        else
            await Measure(TimeSpan.FromMinutes(minutes), file, cancellationToken);

        var hosts = (await File.ReadAllLinesAsync(file, cancellationToken)).Select(line => line.Split(',', 2))
            .GroupBy(line => line[0], line => Sample.Parse(line[1])).Select(host => (Name: host.Key, Samples: host.ToList())).ToList();
        await File.WriteAllTextAsync("artifacts/soak.svg", SoakPlot.Draw(hosts), cancellationToken);
        return new Report(
            $"{hosts[0].Samples[^1].At.TotalMinutes:0} minutes; medians of the last two quarters, and the slope of both together",
            Columns,
            [.. hosts.SelectMany(
                host => Measures.Select(measure => Row(host.Name, measure, host.Samples)).Append(Rate(host.Name, host.Samples)))]);
    }

    static async Task Measure(TimeSpan length, string file, CancellationToken cancellationToken)
    {
        await using var sqlite = new SoakedSqliteHost();
        await using var servers = new SoakedServersHost();
        SoakedHost[] hosts = [sqlite, servers];
        foreach (var host in hosts)
            await host.Start(cancellationToken);

        var clock = Stopwatch.StartNew();
        var senders = Array.ConvertAll(hosts, host => new LedgerSender([host.Address], Keys, PerSecond));
        var sending = Task.WhenAll(senders.Select(sender => sender.Run(() => clock.Elapsed < length, cancellationToken)));

        await using var csv = new StreamWriter(file);
        using var timer = new PeriodicTimer(Interval);
        while (!sending.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken))
        {
            for (var host = 0; host < hosts.Length; host++)
            {
                var sample = await hosts[host].Measure(clock.Elapsed, senders[host].Accepted, cancellationToken);
                await csv.WriteLineAsync($"{hosts[host].Name},{sample.Line}");
            }

            await csv.FlushAsync(cancellationToken);
        }

        await sending;
    }

    static Row Row(string host, (string Name, Func<Sample, double> Value) measure, List<Sample> samples) =>
        new($"{host}: {measure.Name}", Figures(samples.ConvertAll(sample => (sample.At.TotalHours, measure.Value(sample)))));

    static Row Rate(string host, List<Sample> samples) =>
        new($"{host}: messages/s", [null, samples[^1].Accepted / samples[^1].At.TotalSeconds, null, null]);

    static IReadOnlyList<double?> Figures(IReadOnlyList<(double Hours, double Value)> points)
    {
        var half = points.Skip(points.Count / 2).ToList();
        if (half.Count < 4)
            return [null, null, null, null];

        var third = Median(half.Take(half.Count / 2));
        var last = Median(half.Skip(half.Count / 2));
        var (hours, value) = (half.Average(point => point.Hours), half.Average(point => point.Value));
        var slope = half.Sum(point => (point.Hours - hours) * (point.Value - value)) / half.Sum(point => Math.Pow(point.Hours - hours, 2));
        return [third, last, third == 0 ? null : 100 * (last - third) / third, slope];
    }

    static double Median(IEnumerable<(double Hours, double Value)> points)
    {
        var values = points.Select(point => point.Value).Order().ToList();
        return values[values.Count / 2];
    }
}
