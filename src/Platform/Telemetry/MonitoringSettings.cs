namespace Maestro.Bus.Telemetry;

/// <summary>The settings of the section <c>Bus:Monitoring</c>.</summary>
public sealed class MonitoringSettings
{
    internal const string Section = "Monitoring";

    /// <summary>
    /// Whether the metrics can be read at <c>/metrics</c>, and are pushed to where the standard variables of OpenTelemetry say. The
    /// variable <c>MESSAGING_ENABLE_MONITORING</c> sets it, too.
    /// </summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Enabled { get; set; } = true;
}
