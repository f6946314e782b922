using System.ComponentModel.DataAnnotations;

namespace MaestroBus.Analytics;

/// <summary>The settings of the section <c>Bus:Analytics</c>.</summary>
public sealed class AnalyticsSettings
{
    /// <summary>How many counters are kept in memory: one for each tenant, message type and hour. The oldest hour goes first.</summary>
    /// <value>The default is 100000.</value>
    [Range(1, 10_000_000, ErrorMessage = "Use a whole number from 1 to 10000000.")]
    public int Counters { get; set; } = 100_000;

    /// <summary>How many message ids are remembered, so that a message delivered twice is counted once; the oldest go first.</summary>
    /// <value>The default is 100000.</value>
    [Range(1, 10_000_000, ErrorMessage = "Use a whole number from 1 to 10000000.")]
    public int MessageIds { get; set; } = 100_000;
}
