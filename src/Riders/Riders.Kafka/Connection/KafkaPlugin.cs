using Confluent.Kafka.Admin;

namespace MaestroBus.Riders.Kafka;

/// <summary>Kafka, by librdkafka.</summary>
public sealed class KafkaPlugin : IStreamPlugin
{
    internal const string SchemeName = "kafka";

    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    // No later attempt fares better: somebody has to change the broker, or the settings.
    static readonly ErrorCode[] Refusals =
    [
        ErrorCode.TopicAuthorizationFailed, ErrorCode.ClusterAuthorizationFailed, ErrorCode.PolicyViolation, ErrorCode.InvalidReplicationFactor, ErrorCode.InvalidPartitions,
        ErrorCode.InvalidConfig, ErrorCode.InvalidRequest, ErrorCode.TopicException,
    ];

    readonly KafkaConfig _config;
    readonly KafkaSettings _settings;
    readonly ILogger _logger;
    readonly KafkaErrors _errors;
    readonly Lazy<KafkaWriter> _writer;
    readonly Lazy<IAdminClient> _admin;

    /// <param name="settings">The settings.</param>
    /// <param name="logger">Takes what the client has to say.</param>
    public KafkaPlugin(KafkaSettings settings, ILogger<KafkaPlugin> logger)
    {
        _settings = settings;
        _logger = logger;
        _errors = new KafkaErrors(logger, TimeProvider.System);
        _config = new KafkaConfig(settings);
        _writer = new Lazy<KafkaWriter>(() => new KafkaWriter(
            new ProducerBuilder<byte[], byte[]>(_config.Producer())
                .SetErrorHandler((_, error) => _errors.Tell(error))
                .SetLogHandler((_, message) => Log.Client(_logger, message.Message))
                .Build(),
            settings.Producer.Buffer));
        _admin = new Lazy<IAdminClient>(() => new AdminClientBuilder(_config.Admin())
            .SetErrorHandler((_, error) => _errors.Tell(error))
            .SetLogHandler((_, message) => Log.Client(_logger, message.Message))
            .Build());
    }

    /// <inheritdoc />
    public string Scheme => SchemeName;

    /// <inheritdoc />
    public StreamCapabilities Capabilities =>
        StreamCapabilities.Publishing | StreamCapabilities.Subscription | StreamCapabilities.PatternRouting | StreamCapabilities.Batching | StreamCapabilities.Partitioning
        | StreamCapabilities.ConsumerGroups | StreamCapabilities.Replay | StreamCapabilities.Transactions | StreamCapabilities.TopicCreation;

    /// <inheritdoc />
    public Task Produce(OutgoingRecord record, CancellationToken cancellationToken) => _writer.Value.Produce(record, cancellationToken);

    /// <inheritdoc />
    public IStreamConsumer Consume(StreamSubscription subscription, IStreamPartitions partitions) => new KafkaConsumer(_config, subscription, partitions, _settings.Producer.Buffer, _errors, _logger);

    /// <inheritdoc />
    public async Task CreateTopics(IReadOnlyCollection<Riders.TopicSpecification> topics, CancellationToken cancellationToken)
    {
        try
        {
            await _admin.Value.CreateTopicsAsync(topics.DistinctBy(topic => topic.Name).Select(Specification), new CreateTopicsOptions { RequestTimeout = AnswerLimit }).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CreateTopicsException exception) when (exception.Results.All(result => !result.Error.IsError || result.Error.Code == ErrorCode.TopicAlreadyExists || Refusals.Contains(result.Error.Code)))
        {
            // What is there is left as it is.
            foreach (var refused in exception.Results.Where(result => Refusals.Contains(result.Error.Code)))
                Log.TopicRefused(_logger, refused.Topic, refused.Error.Reason);
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_UnsupportedFeature)
        {
            Log.NoTopicCreation(_logger);
        }
    }

    /// <inheritdoc />
    public string? ProblemOf(string topic) => KafkaNames.Problem(topic);

    /// <inheritdoc />
    public Task Probe(TimeSpan timeout, CancellationToken cancellationToken) => Task.Run(() => Probe(timeout), cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_writer.IsValueCreated)
            await Task.Run(_writer.Value.Dispose).ConfigureAwait(false);
        if (_admin.IsValueCreated)
            await Task.Run(_admin.Value.Dispose).ConfigureAwait(false);
    }

    void Probe(TimeSpan timeout)
    {
        try
        {
            if (_admin.Value.GetMetadata(timeout).Brokers.Count == 0)
                throw new KafkaException(ErrorCode.Local_AllBrokersDown);
        }
        catch (KafkaException exception)
        {
            throw new KafkaException(new Error(exception.Error.Code, $"{_settings.BootstrapServers}: {_errors.Unreachable ?? exception.Error.Reason}"), exception);
        }
    }

    static Confluent.Kafka.Admin.TopicSpecification Specification(Riders.TopicSpecification topic) => new()
    {
        Name = topic.Name,
        NumPartitions = topic.Partitions ?? -1,
        ReplicationFactor = topic.Replicas ?? -1,
        Configs = topic.Retention is { } retention ? new() { ["retention.ms"] = retention.TotalMilliseconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture) } : [],
    };
}
