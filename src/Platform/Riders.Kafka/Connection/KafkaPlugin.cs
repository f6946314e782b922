using System.Collections.Concurrent;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>Kafka, by librdkafka.</summary>
public sealed class KafkaPlugin : IStreamPlugin
{
    internal const string SchemeName = "kafka";

    readonly KafkaConfig _config;
    readonly KafkaSettings _settings;
    readonly ILogger _logger;
    readonly KafkaErrors _errors;
    readonly TlsClient? _tls;
    readonly Renewable<KafkaWriter> _writer;
    readonly Renewable<IAdminClient> _admin;
    readonly KafkaBrokers _brokers;
    readonly KafkaTopicCreation _creation;

    // A consumer that takes another's place gives up what that one had open.
    readonly ConcurrentDictionary<StreamSubscription, string> _transactionalIds = new(ReferenceEqualityComparer.Instance);

    /// <param name="settings">The settings.</param>
    /// <param name="logger">Takes what the client has to say.</param>
    public KafkaPlugin(KafkaSettings settings, ILogger<KafkaPlugin> logger)
        : this(
            settings, logger,
            settings.Tls.Enabled == true ? new TlsClient("Bus:Kafka:Tls", settings.Tls, Directory.GetCurrentDirectory()) : null)
    {
    }

    internal KafkaPlugin(KafkaSettings settings, ILogger<KafkaPlugin> logger, TlsClient? tls)
    {
        _settings = settings;
        _logger = logger;
        _errors = new KafkaErrors(settings.BootstrapServers, Probe, logger, TimeProvider.System);
        _config = new KafkaConfig(settings, tls);
        _tls = tls;
        if (tls is not null)
            tls.TakesServerName = false;
        _writer = new Renewable<KafkaWriter>(
            died => new KafkaWriter(
                Producer(_config.Producer(), died), () => Producer(_config.LoneProducer(), died), true, settings.Producer.Buffer, _logger),
            () => _config.Version, TimeProvider.System);
        _admin = new Renewable<IAdminClient>(
            died => new AdminClientBuilder(_config.Admin())
                .SetErrorHandler((_, error) => Tell(error, died))
                .SetLogHandler((_, message) => Log.Client(_logger, message.Message))
                .Build(),
            () => _config.Version, TimeProvider.System);
        _brokers = new KafkaBrokers(_admin);
        _creation = new KafkaTopicCreation(_admin, _brokers, logger);
    }

    /// <inheritdoc />
    public string Scheme => SchemeName;

    /// <inheritdoc />
    public StreamCapabilities Capabilities =>
        StreamCapabilities.Publishing | StreamCapabilities.Subscription | StreamCapabilities.PatternRouting | StreamCapabilities.Batching
            | StreamCapabilities.Partitioning
        | StreamCapabilities.ConsumerGroups | StreamCapabilities.Replay | StreamCapabilities.Transactions
        | StreamCapabilities.TopicCreation;

    /// <inheritdoc />
    public string? WriterProblem => _writer.Problem is { } problem ? $"Its writer does not work: {problem}" : null;

    /// <inheritdoc />
    public bool IsAway => _errors.IsAway;

    /// <inheritdoc />
    public TimeSpan? TransactionLimit => _settings.Consumer.TransactionTimeout;

    /// <inheritdoc />
    public StreamSendContext<T> CreateContext<TKey, T>(T message, CancellationToken cancellationToken)
        where T : class =>
        new KafkaMessageSendContext<TKey, T>(message, null, null, cancellationToken);

    /// <inheritdoc />
    public string? ProblemOf(StreamSubscription subscription) => _config.Problem(subscription);

    /// <inheritdoc />
    public Task Produce(OutgoingRecord record, CancellationToken cancellationToken) => _writer.Use(async writer =>
    {
        await writer.Produce(record, cancellationToken).ConfigureAwait(false);
        return true;
    });

    /// <inheritdoc />
    public IStreamConsumer Consume(StreamSubscription subscription, IStreamPartitions partitions) => new KafkaConsumer(
        _config, _settings, subscription, partitions,
        _transactionalIds.GetOrAdd(subscription, static known => $"{known.Group}-{NewId.NextGuid():n}"), _brokers, _errors, _logger);

    /// <inheritdoc />
    public Task CreateTopics(IReadOnlyCollection<Riders.TopicSpecification> topics, CancellationToken cancellationToken) =>
        _creation.Create(topics, cancellationToken);

    /// <inheritdoc />
    public string? ProblemOf(string topic) => KafkaNames.Problem(topic);

    /// <inheritdoc />
    public Task Probe(TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Whether a writer works again shows when there is one.
        if (_writer.Problem is not null)
            _ = _writer.Use(_ => Task.FromResult(true));

        return _admin.Use(admin => Task.Run(() => Ask(admin, timeout), cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _errors.Dispose();
        await _writer.DisposeAsync().ConfigureAwait(false);
        await _admin.DisposeAsync().ConfigureAwait(false);
    }

    IProducer<byte[], byte[]> Producer(ProducerConfig config, Action<string> died) => new ProducerBuilder<byte[], byte[]>(config)
        .SetErrorHandler((_, error) => Tell(error, died))
        .SetLogHandler((_, message) => Log.Client(_logger, message.Message))
        .Build();

    void Tell(Error error, Action<string> died)
    {
        _errors.Tell(error);
        if (error.IsFatal)
            died(error.Reason);
    }

    async Task<bool> Ask(IAdminClient admin, TimeSpan timeout)
    {
        try
        {
            return admin.GetMetadata(timeout).Brokers.Count > 0 ? true : throw new KafkaException(ErrorCode.Local_AllBrokersDown);
        }
        catch (KafkaException exception)
        {
            var reason = _errors.Unreachable ?? exception.Error.Reason;
            if (_tls is not null && await KafkaTls.Refusal(reason, _tls, timeout).ConfigureAwait(false) is { } refusal)
                reason = $"certificate verify failed: {refusal}";
            _errors.Away(reason);
            throw new KafkaException(new Error(exception.Error.Code, $"{_settings.BootstrapServers}: {reason}"), exception);
        }
    }
}
