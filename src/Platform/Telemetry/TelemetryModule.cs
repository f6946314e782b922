using System.Diagnostics.Metrics;
using System.Reflection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Maestro.Bus.Telemetry;

/// <summary>
/// Lets other programs read what the bus measures: Prometheus at <c>/metrics</c>, and whatever the standard variables of OpenTelemetry
/// name.
/// </summary>
public sealed class TelemetryModule : BusModule
{
    /// <summary>Where Prometheus reads the metrics.</summary>
    internal const string Path = "/metrics";

    // Prometheus itself sends no other methods.
    static readonly HttpMethodMetadata Asked = new([HttpMethods.Get, HttpMethods.Head]);

    bool _isEnabled;

    /// <inheritdoc />
    public override void AddServices(BusBuilder bus)
    {
        _isEnabled = bus.AddSettings<MonitoringSettings>(MonitoringSettings.Section).Enabled;
        if (!_isEnabled)
            return;

        bus.Services.AddSingleton<HealthMetrics>();
        bus.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                bus.Variable("OTEL_SERVICE_NAME") ?? bus.Variable("Bus:Name") ?? Assembly.GetEntryAssembly()?.GetName().Name ?? "bus"))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter("Bus.*").AddPrometheusExporter(prometheus =>
                {
                    // Neither is a label of ours, and the library's version would begin new series with each upgrade.
                    prometheus.ScopeInfoEnabled = false;
                    prometheus.TargetInfoEnabled = false;
                    // Two servers that ask at the same time are answered with one look at the counters.
                    prometheus.ScrapeResponseCacheDurationMilliseconds = 300;
                });
                if (OtlpTargets.HasMetrics(bus.Variable))
                    metrics.AddOtlpExporter();
            });
        bus.Services.ConfigureOpenTelemetryMeterProvider((services, metrics) =>
        {
            services.GetRequiredService<HealthMetrics>();
            var own = services.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => MetricViews.Of(instrument, own)!);
        });
    }

    /// <inheritdoc />
    public override void MapEndpoints(IEndpointRouteBuilder routes)
    {
        if (_isEnabled)
            routes.MapPrometheusScrapingEndpoint(Path).WithMetadata(Asked).RequireRole(AccessRole.Reader).RequireAllTenants();
    }
}
