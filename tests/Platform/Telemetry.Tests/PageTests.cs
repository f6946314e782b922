using System.Net;
using System.Text.RegularExpressions;
using Maestro.Bus.Jobs;
using Maestro.Bus.Scheduling;

namespace Maestro.Bus.Telemetry.Tests;

/// <summary>Who may read the metrics, and what stands on the page.</summary>
public sealed partial class PageTests
{
    static readonly Dictionary<string, string?> Memory = new() { ["Bus:Transport"] = "memory" };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readers_of_all_tenants_read_the_page_and_nobody_else()
    {
        await using var host = await TelemetryHost.Start(Memory);

        Assert.Equal(HttpStatusCode.Unauthorized, await Status(host, null));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(host, TelemetryHost.ClientKey));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(host, TelemetryHost.AcmeKey));
        Assert.Equal(HttpStatusCode.OK, await Status(host, TelemetryHost.ReaderKey));
    }

    [Fact]
    public async Task Switched_off_there_is_no_page()
    {
        await using var host = await TelemetryHost.Start(new Dictionary<string, string?>(Memory) { ["Bus:Monitoring:Enabled"] = "false" });

        Assert.Equal(HttpStatusCode.NotFound, await Status(host, TelemetryHost.ReaderKey));
    }

    [Fact]
    public async Task Every_series_on_the_page_has_the_labels_that_the_reference_gives_it_whatever_form_is_asked_for()
    {
        string?[] forms =
        [
            null, "text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0",
            "text/plain; version=1.0.0; escaping=allow-utf-8",
        ];
        await using var host = await TelemetryHost.Start(Memory, null, new JobsModule(), new SchedulingModule());
        await host.Place(NewId.NextGuid(), "once", failures: 1);
        await host.Until((Published("OrderPlaced"), 1));
        await Brokers(host);

        foreach (var form in forms)
            Check(await host.Page(form));
    }

    [Fact]
    public async Task The_page_is_what_Prometheus_own_check_calls_right()
    {
        await using var host = await TelemetryHost.Start(Memory, null, new JobsModule(), new SchedulingModule());
        await host.Place(NewId.NextGuid(), "once", failures: 1);
        await host.Until((Published("OrderPlaced"), 1));
        using var folder = new TemporaryFolder();
        var page = folder.At("page");
        await File.WriteAllTextAsync(page, await host.Page(), Cancellation);

        Assert.True(await ServerProcess.Succeeds("sh", ["-c", "promtool check metrics < \"$0\"", page], Cancellation));
        await File.AppendAllTextAsync(page, "# TYPE wrong counter\nwrong{} 1\n", Cancellation);
        Assert.False(await ServerProcess.Succeeds("sh", ["-c", "promtool check metrics < \"$0\"", page], Cancellation));
    }

    [Fact]
    public async Task What_is_sent_and_published_without_an_outbox_is_counted_once_and_messages_without_a_consumer_as_others()
    {
        await using var host = await TelemetryHost.Start(Memory);
        var bus = host.Services.GetRequiredService<IBus>();

        await bus.Publish(new OrderNoted("published"), Cancellation);
        var queue = await bus.GetSendEndpoint(new Uri("queue:orders"));
        await queue.Send(new OrderNoted("sent"), Cancellation);

        await host.Until(
            (Published("OrderNoted"), 2),
            ("messaging_messages_consumed_total{message_type=\"other\",outcome=\"dead_lettered\",queue=\"orders\"}", 1));
    }

    [Fact]
    public async Task Counters_of_what_is_declared_are_there_with_0_before_anything_has_happened()
    {
        await using var host = await TelemetryHost.Start(
            new Dictionary<string, string?>(Memory)
            {
                ["Bus:Schedules:nightly:Cron"] = "0 3 1 1 *",
                ["Bus:Schedules:nightly:Message"] = typeof(OrderNoted).FullName,
            },
            null, new JobsModule(), new SchedulingModule());

        await host.Until(
            ("bus_circuit_breaker_opened_total{queue=\"orders\"}", 0),
            ("bus_rate_limit_waits_total{queue=\"orders\"}", 0),
            ("bus_jobs_failed_total{type=\"OrderJob\"}", 0),
            ("bus_schedules_skipped_total{schedule=\"nightly\"}", 0),
            ("bus_schedules_handled_total{outcome=\"failed\",schedule=\"nightly\"}", 0),
            ("bus_dead_letters_sent_again_total{}", 0));
    }

    [Fact]
    public async Task Without_dead_letters_a_message_that_is_given_up_counts_as_discarded()
    {
        await using var host = await TelemetryHost.Start(
            new Dictionary<string, string?>(Memory) { ["Bus:DeadLetters:Enabled"] = "false", ["Bus:Queues:orders:Attempts"] = "1" });

        await host.Place(NewId.NextGuid(), "never", failures: 9);

        await host.Until((
            "messaging_messages_consumed_total{message_type=\"Maestro.Bus.Telemetry.Tests.OrderPlaced\",outcome=\"discarded\","
                + "queue=\"orders\"}", 1));
    }

    static void Check(string page)
    {
        var told = MetricsReference.Labels;
        var series = page.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => Series().Match(line)).ToList();

        Assert.Contains(series, match => match.Groups["name"].Value == "messaging_broker_health");
        Assert.All(series, match =>
        {
            var name = Suffix().Replace(match.Groups["name"].Value, "");
            var metric = told.Keys.FirstOrDefault(known => known == name || known == $"{name}_total");
            Assert.True(metric is not null, $"docs/metrics.md does not know {match.Value}.");
            var labels = match.Groups["label"].Captures.Select(label => label.Value).Where(label => label != "le");
            Assert.Equal(told[metric].Order(StringComparer.Ordinal), labels.Order(StringComparer.Ordinal));
        });
    }

    static string Published(string type) => $"messaging_messages_published_total{{message_type=\"Maestro.Bus.Telemetry.Tests.{type}\"}}";

    static Task Brokers(TelemetryHost host) => host.Until(("messaging_broker_health{broker=\"memory\"}", 1));

    static async Task<HttpStatusCode> Status(TelemetryHost host, string? key)
    {
        using var answer = await host.Send(HttpMethod.Get, "/metrics", key);
        return answer.StatusCode;
    }

    [GeneratedRegex("""^(?<name>\w+)\{((?<label>\w+)="[^"]*",?)*\} """)]
    private static partial Regex Series();

    [GeneratedRegex("(_bucket|_count|_sum|_created)$")]
    private static partial Regex Suffix();
}
