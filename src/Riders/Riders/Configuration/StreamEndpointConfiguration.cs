using MassTransit.Configuration;
using MassTransit.Middleware;
using MassTransit.Transports;

namespace MaestroBus.Riders;

/// <summary>Builds an endpoint.</summary>
sealed class StreamEndpointConfiguration : ReceiveEndpointConfiguration, IStreamEndpointConfigurator
{
    readonly StreamRider _rider;
    readonly StreamEndpointSettings _settings;
    readonly RecordSerialization _serialization;

    public StreamEndpointConfiguration(StreamRider rider, StreamEndpointSettings settings, Type? messageType, bool keepDeadLetters)
        : base(rider.Bus.HostConfiguration, rider.Bus.HostConfiguration.CreateReceiveEndpointConfiguration($"{settings.Topic}@{settings.Group}"))
    {
        _rider = rider;
        _settings = settings;
        _serialization = new RecordSerialization(Serialization.CreateSerializerCollection(), new RecordDeserializer(messageType is null ? [] : MessageTypeCache.GetMessageTypeNames(messageType)));
        InputAddress = TopicNames.Address(rider.Plugin.Scheme, settings.Topic, settings.Group);
        PrefetchCount = settings.PollLimit;
        ConcurrentMessageLimit = settings.Concurrency;

        if (keepDeadLetters)
            this.ConfigureError(error =>
            {
                error.UseFilter(new GenerateFaultFilter());
                error.UseFailureHeaders();
                error.UseFilter(new DeadLetterTopicFilter());
            });
        else
            this.DiscardFaultedMessages();

        // A topic may hold other messages than those that the group is for.
        this.DiscardSkippedMessages();
        _ = new BatchObserver(this, settings);
    }

    public override Uri HostAddress => _rider.Bus.HostConfiguration.HostAddress;

    public override Uri InputAddress { get; }

    public StreamPosition Start
    {
        set => _settings.Start = value;
    }

    public bool Transactional
    {
        set => _settings.IsTransactional = value;
    }

    public TimeSpan HandOverLimit
    {
        set => _settings.HandOverLimit = value;
    }

    public void UseRetryTopics(QueuePolicy policy)
    {
        _settings.Policy = policy;
        this.ConfigureReceive(receive => receive.UseFilter(new RetryTopics()));
        this.UseAttempts($"{_settings.Topic}@{_settings.Group}", policy, _rider.Services);
    }

    public void CreateIfMissing(int? partitions, short? replicas, TimeSpan? retention) =>
        _settings.Create = new TopicSpecification(_settings.Topic, partitions, replicas, retention);

    public override IReceivePipe CreateReceivePipe() => Receive.CreatePipe(CreateConsumePipe(), _serialization);

    public override ReceiveEndpointContext CreateReceiveEndpointContext()
    {
        ApplySpecifications(new ReceiveEndpointBuilder(this));
        _settings.Concurrency = ConcurrentMessageLimit ?? _settings.Concurrency;
        _settings.PollLimit = PrefetchCount;

        var context = new StreamEndpointContext(_rider, _settings, this);
        context.GetOrAddPayload(() => context);
        context.GetOrAddPayload(() => _rider.Bus.HostConfiguration.Topology);
        return context;
    }

    /// <summary>Notices consumers of batches: their records are not handled before a batch of them has come together, so that lanes would wait for each other.</summary>
    sealed class BatchObserver(IConsumePipeConfigurator configurator, StreamEndpointSettings settings) : ConfigurationObserver(configurator)
    {
        public override void BatchConsumerConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, Batch<TMessage>> configurator) =>
            settings.HasBatches = true;
    }
}
