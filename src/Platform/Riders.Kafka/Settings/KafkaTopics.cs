using System.ComponentModel.DataAnnotations;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>The settings of the section <c>Bus:Kafka:Topics</c>.</summary>
public sealed class KafkaTopics
{
    /// <summary>Whether the topics that the domains declare, and those of their failures, are created where they are not there.</summary>
    /// <value>The default is <c>true</c>.</value>
    public bool Create { get; set; } = true;

    /// <summary>Their number of partitions.</summary>
    /// <value>The default is the broker's own.</value>
    [Range(1, 100_000, ErrorMessage = "Use a whole number from 1 to 100000.")]
    public int? Partitions { get; set; }

    /// <summary>How many brokers hold them.</summary>
    /// <value>The default is the broker's own.</value>
    [Range(1, 100, ErrorMessage = "Use a whole number from 1 to 100.")]
    public int? Replicas { get; set; }

    /// <summary>How long records are kept.</summary>
    /// <value>The default is the broker's own.</value>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00", ErrorMessage = "Use a duration from 1s to 36500d.")]
    public TimeSpan? Retention { get; set; }
}
