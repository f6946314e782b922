using System.ComponentModel.DataAnnotations;
using ValidationResult = System.ComponentModel.DataAnnotations.ValidationResult;

namespace Maestro.Bus.Riders.Kafka;

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

    /// <summary>How the connections are encrypted.</summary>
    public TlsSettings Tls { get; set; } = new();

    /// <summary>Who the client is.</summary>
    public KafkaSecurity Security { get; set; } = new();

    /// <summary>How records are written.</summary>
    public KafkaProducing Producer { get; set; } = new();

    /// <summary>How records are read.</summary>
    public KafkaConsuming Consumer { get; set; } = new();

    /// <summary>How the topics are created that the domains declare.</summary>
    public KafkaTopics Topics { get; set; } = new();

    /// <summary>
    /// Settings of librdkafka that have no name of their own here, such as <c>socket.keepalive.enable</c>. They win over all others.
    /// </summary>
    public Dictionary<string, string> Properties { get; set; } = [];

    /// <summary>Configures an endpoint as the settings say, before its own configuration does.</summary>
    internal void ConfigureEndpoint(string topic, IStreamEndpointConfigurator endpoint)
    {
        endpoint.PrefetchCount = Consumer.MaxPollRecords;
        if (Consumer.StartTimes.TryGetValue(topic, out var start))
            endpoint.Start = StreamPosition.At(start);
        else if (Consumer.OffsetReset == AutoOffsetReset.Latest)
            endpoint.Start = StreamPosition.Latest;
    }

    /// <summary>The names of <see cref="BootstrapServers"/> without their ports.</summary>
    internal IEnumerable<string> Hosts => BootstrapServers
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(server => server.LastIndexOf(':') is > 0 and var colon ? server[..colon] : server);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        List<ValidationResult> problems = [.. Problems(), .. Security.Problems(), .. Producer.Problems(), .. Consumer.Problems(Producer)];
        return problems.Count == 0 && KafkaConfig.Problem(this) is { } problem ? [new ValidationResult(problem)] : problems;
    }

    IEnumerable<ValidationResult> Problems()
    {
        var servers = BootstrapServers.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (servers.Length == 0 && !string.IsNullOrWhiteSpace(BootstrapServers))
            yield return new ValidationResult(
                $"BootstrapServers is '{BootstrapServers}', which names no broker. Name at least one, such as localhost:9092.");
        foreach (var server in servers.Where(server => !IsAddress(server)))
            yield return new ValidationResult(
                $"BootstrapServers names '{server}', which is no broker's address. Use host:port, with commas between several, such as "
                    + "kafka-1:9092,kafka-2:9092.");

        if (Properties.ContainsKey("group.instance.id"))
            yield return new ValidationResult(
                "Properties sets group.instance.id, which would be the same for all members of this process. Use Consumer:Member, which "
                    + "gives each its own.");
        if (Properties.ContainsKey("group.protocol"))
            yield return new ValidationResult(
                "Properties sets group.protocol. Use Consumer:Protocol, which leaves out the settings that the client refuses with it.");

        // The topics of a group's retries have its name in theirs.
        if (!string.IsNullOrEmpty(GroupId) && KafkaNames.Problem(GroupId) is { } problem)
            yield return new ValidationResult($"GroupId is '{GroupId}', and topics are named after it. {problem}");
    }

    // The client would make what it can of anything else: another port, a host that is called like a scheme.
    static bool IsAddress(string server) =>
        Uri.TryCreate($"{KafkaPlugin.SchemeName}://{server}/", UriKind.Absolute, out var address) && address.Port != 0
        && address.Authority.Equals(server, StringComparison.OrdinalIgnoreCase);
}
