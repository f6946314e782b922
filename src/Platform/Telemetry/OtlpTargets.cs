namespace Maestro.Bus.Telemetry;

/// <summary>
/// Tells by the standard variables of OpenTelemetry whether something is to be pushed, and leaves where and how to its SDK.
/// </summary>
static class OtlpTargets
{
    /// <summary>
    /// Tells whether metrics are to be pushed: an endpoint is set, and <c>OTEL_METRICS_EXPORTER</c> does not say otherwise.
    /// </summary>
    /// <param name="variable">Gets a variable; null if it is not set.</param>
    public static bool HasMetrics(Func<string, string?> variable) =>
        (variable("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") ?? variable("OTEL_EXPORTER_OTLP_ENDPOINT")) is { Length: > 0 }
        && (variable("OTEL_METRICS_EXPORTER") is not { Length: > 0 } exporters
            || exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp", StringComparer.OrdinalIgnoreCase));
}
