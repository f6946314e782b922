using System.Text;
using System.Threading.Channels;

namespace Maestro.Bus.Telemetry.Tests;

/// <summary>What is pushed by the standard variables of OpenTelemetry.</summary>
public sealed class OtlpTests
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_are_pushed_to_the_endpoint_that_the_variables_name_under_the_names_that_Prometheus_reads()
    {
        var (collector, taken) = await Collector();
        await using (collector)
        {
            await using var host = await TelemetryHost.Start(new Dictionary<string, string?>
            {
                ["Bus:Transport"] = "memory",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.First(),
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
                ["OTEL_SERVICE_NAME"] = "orders of Acme",
            });

            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            limit.CancelAfter(Limit);
            var (path, body) = await taken.ReadAsync(limit.Token);

            Assert.Equal("/v1/metrics", path);
            Assert.Contains("messaging_messages_consumed_total", body, StringComparison.Ordinal);
            Assert.DoesNotContain("_total_total", body, StringComparison.Ordinal);
            Assert.Contains("orders of Acme", body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://collector:4318", "OTEL_METRICS_EXPORTER=console, otlp")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318", "OTEL_METRICS_EXPORTER=none")]
    public void The_variables_say_whether_metrics_are_pushed(bool expected, params string[] variables)
    {
        var set = variables.Select(variable => variable.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]);

        Assert.Equal(expected, OtlpTargets.HasMetrics(set.GetValueOrDefault));
    }

    static async Task<(WebApplication Collector, ChannelReader<(string Path, string Body)> Taken)> Collector()
    {
        var taken = Channel.CreateUnbounded<(string, string)>();
        var builder = ValidatedHost.CreateWebSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        var collector = builder.Build();
        collector.MapPost("/{**path}", async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            taken.Writer.TryWrite((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        await collector.StartAsync(Cancellation);
        return (collector, taken.Reader);
    }
}
