using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Maestro.Bus.Telemetry;

/// <summary>
/// Reports the last results of the health checks, under the meter <c>Bus.Health</c>. It runs no check: a broker that hangs does not delay
/// a reader of the metrics, and is reported as unhealthy once its last result is too old.
/// </summary>
sealed class HealthMetrics
{
    public const string MeterName = "Bus.Health";

    const string Check = "check";

    readonly HealthHistory _history;

    public HealthMetrics(HealthHistory history, IMeterFactory meters)
    {
        _history = history;
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "messaging_broker_health", Brokers,
            description: "1 while a broker or rider can be used, else 0, also while its health check does not answer.");
        meter.CreateObservableGauge(
            "bus.health.status", () => _history.All.Select(state => new Measurement<double>(ValueOf(state), Of(Check, state.Name))),
            description: "1 for a health check that is healthy, 0.5 for one that is degraded, else 0.");
        meter.CreateObservableGauge(
            "bus.health.since_timestamp", () => _history.All.Select(state => new Measurement<double>(
                state.Since.ToUnixTimeMilliseconds() / 1000.0, Of(Check, state.Name))),
            "s", "Since when a health check is what it is, in Unix time.");
        meter.CreateObservableCounter(
            "bus.health.recoveries", () => _history.All.Select(state => new Measurement<long>(state.Recoveries, Of(Check, state.Name))),
            "{time}", "How often a health check has become healthy again.");
        meter.CreateObservableGauge(
            "bus.health.age", Age,
            "s", "How long ago the health checks have answered last.");
    }

    IEnumerable<Measurement<double>> Age() => _history.Age is { } age ? [new(age.TotalSeconds)] : [];

    IEnumerable<Measurement<int>> Brokers() => _history.All.Where(state => state.Broker is not null).GroupBy(state => state.Broker!)
        .Select(checks => new Measurement<int>(
            _history.IsSilent || checks.Any(state => state.Status == HealthStatus.Unhealthy) ? 0 : 1, Of("broker", checks.Key)));

    double ValueOf(HealthState state) => _history.IsSilent ? 0 : state.Status switch
    {
        HealthStatus.Healthy => 1,
        HealthStatus.Degraded => 0.5,
        _ => 0,
    };

    static KeyValuePair<string, object?> Of(string label, string value) => new(label, value);
}
