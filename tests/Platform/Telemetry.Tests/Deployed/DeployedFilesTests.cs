using System.Text.Json;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Telemetry.Tests;

/// <summary>The dashboards and rules in deploy/ are understood by a real Prometheus, and ask for what the bus measures.</summary>
public sealed partial class DeployedFilesTests
{
    static readonly string Root = MetricsReference.Root;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Dashboards =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, "deploy", "grafana", "dashboards")).Select(file => Path.GetFileName(file)).Order()];

    [Fact]
    public async Task Each_rule_fires_for_what_it_is_for_and_not_for_what_lies_beside_it()
    {
        var tests = Path.Combine(AppContext.BaseDirectory, "Deployed", "rules.test.yml");
        var rules = await File.ReadAllTextAsync(Path.Combine(Root, "deploy", "prometheus", "rules.yml"), Cancellation);
        using var folder = new TemporaryFolder();

        Assert.True(await Passes(rules, tests, folder));
        Assert.All(
            Alert().Matches(rules).Select(match => match.Groups[1].Value),
            alert => Assert.Contains($"alertname: {alert}\n", File.ReadAllText(tests), StringComparison.Ordinal));
        Assert.False(await Passes(rules.Replace("bus_outbox_age_seconds) > 60", "bus_outbox_age_seconds) > 600"), tests, folder));
    }

    [Fact]
    public async Task The_configuration_is_what_Prometheus_calls_right() =>
        Assert.True(await ServerProcess.Succeeds(
            "promtool", ["check", "config", "--syntax-only", Path.Combine(Root, "deploy", "prometheus", "prometheus.yml")], Cancellation));

    [Fact]
    public async Task Prometheus_understands_every_query_of_the_dashboards_and_finds_the_host_by_them()
    {
        await using var host = await TelemetryHost.Start(new Dictionary<string, string?> { ["Bus:Transport"] = "memory" });
        await using var prometheus = await PrometheusServer.Start([host.Address], TelemetryHost.ReaderKey, Cancellation);

        foreach (var query in Dashboards.SelectMany(row => Queries(row.Data)))
            await prometheus.Query(Filled(query), Cancellation);

        await Eventually.True(
            async () => (await prometheus.Query("sum(up{job=\"bus\"})", Cancellation)).GetValueOrDefault("") == 1,
            TimeSpan.FromMinutes(1), "the host to be read", Cancellation);
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Every_metric_of_a_dashboard_is_one_that_the_reference_tells_of(string dashboard)
    {
        var asked = Queries(dashboard).SelectMany(query => Metric().Matches(query)).Select(match => match.Value).ToHashSet();

        Assert.NotEmpty(asked);
        Assert.DoesNotContain(
            asked, name => !MetricsReference.Labels.ContainsKey(name) && !MetricsReference.Labels.ContainsKey(Part().Replace(name, "")));
    }

    [Fact]
    public void Every_metric_of_the_rules_is_one_that_the_reference_tells_of()
    {
        var rules = File.ReadAllLines(Path.Combine(Root, "deploy", "prometheus", "rules.yml"))
            .Where(line => !line.TrimStart().StartsWith('#') && !line.Contains("description:", StringComparison.Ordinal));
        var asked = rules.SelectMany(line => Metric().Matches(line)).Select(match => match.Value).ToHashSet();

        Assert.NotEmpty(asked);
        Assert.DoesNotContain(
            asked, name => !MetricsReference.Labels.ContainsKey(name) && !MetricsReference.Labels.ContainsKey(Part().Replace(name, "")));
    }

    static async Task<bool> Passes(string rules, string tests, TemporaryFolder folder)
    {
        await File.WriteAllTextAsync(folder.At("rules.yml"), rules, Cancellation);
        await File.WriteAllTextAsync(
            folder.At("test.yml"),
            Files().Replace(await File.ReadAllTextAsync(tests, Cancellation), "rule_files: [ rules.yml ]"),
            Cancellation);
        return await ServerProcess.Succeeds("promtool", ["test", "rules", folder.At("test.yml")], Cancellation);
    }

    static IEnumerable<string> Queries(string dashboard) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "deploy", "grafana", "dashboards", dashboard))).RootElement
            .GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!);

    // As Grafana does it.
    static string Filled(string query) =>
        query.Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$queue", ".*", StringComparison.Ordinal);

    [GeneratedRegex(@"alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex("rule_files: .*")]
    private static partial Regex Files();

    [GeneratedRegex(@"\b(?:messaging|bus)_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("_(?:bucket|count|sum)$")]
    private static partial Regex Part();
}
