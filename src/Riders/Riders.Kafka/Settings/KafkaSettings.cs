using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace MaestroBus.Riders.Kafka;

/// <summary>The settings of the section <c>Bus:Kafka</c>.</summary>
public sealed class KafkaSettings : IValidatableObject
{
    /// <summary>Some of the cluster's brokers, <c>host:port</c> with commas between them.</summary>
    [Required(ErrorMessage = "Name at least one broker, such as localhost:9092.")]
    public string BootstrapServers { get; set; } = "";

    /// <summary>What the connections are called in the broker's own listings.</summary>
    /// <value>The default is the host's assembly name.</value>
    public string? ClientId { get; set; }

    /// <summary>What the groups of the domains' consumers are called: this, a dash, and the domain's queue.</summary>
    /// <value>The default is the queue's name alone.</value>
    public string? GroupId { get; set; }

    /// <summary>How the connections are protected.</summary>
    public KafkaSecurity Security { get; set; } = new();

    /// <summary>How records are written.</summary>
    public KafkaProducing Producer { get; set; } = new();

    /// <summary>How records are read.</summary>
    public KafkaConsuming Consumer { get; set; } = new();

    /// <summary>How the topics are created that the domains declare.</summary>
    public KafkaTopics Topics { get; set; } = new();

    /// <summary>Settings of librdkafka that have no name of their own here, such as <c>socket.keepalive.enable</c>. They win over all others.</summary>
    public Dictionary<string, string> Properties { get; set; } = [];

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        List<ValidationResult> problems = [.. Security.Problems(), .. Producer.Problems(), .. Consumer.Problems()];
        return problems.Count == 0 && KafkaConfig.Problem(this) is { } problem ? [new ValidationResult(problem)] : problems;
    }
}
