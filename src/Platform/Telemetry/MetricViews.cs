using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Maestro.Bus.Telemetry;

/// <summary>How the instruments are exported.</summary>
static class MetricViews
{
    // From 1 ms to 1 h, each at most 2.5 times the one before: a quantile is right within that factor. The SDK's own are meant for
    // milliseconds, and most durations in seconds would fall into the first.
    static readonly ExplicitBucketHistogramConfiguration Seconds = new()
    {
        Boundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 150, 360, 900, 1800, 3600],
    };

    /// <summary>Gets the view of an instrument; null for the SDK's own.</summary>
    /// <param name="instrument">The instrument.</param>
    /// <param name="own">The factory of this host's meters. A process may have several hosts, and each tells of itself only.</param>
    public static MetricStreamConfiguration? Of(Instrument instrument, IMeterFactory own) =>
        instrument.Meter.Scope is { } scope && scope != own ? MetricStreamConfiguration.Drop
        : instrument is Histogram<double> { Unit: "s" } ? Seconds
        : null;
}
