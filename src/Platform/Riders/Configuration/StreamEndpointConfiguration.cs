using MassTransit.Configuration;
using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>Builds an endpoint.</summary>
sealed class StreamEndpointConfiguration : ReceiveEndpointConfiguration, IStreamEndpointConfigurator
{
    readonly StreamRider _rider;
    readonly StreamEndpointSettings _settings;
    readonly Type? _messageType;
    readonly bool _keepDeadLetters;

    public StreamEndpointConfiguration(StreamRider rider, StreamEndpointSettings settings, Type? messageType, bool keepDeadLetters)
        : base(rider.Bus.HostConfiguration,
            rider.Bus.HostConfiguration.CreateReceiveEndpointConfiguration($"{settings.Topic}@{settings.Group}"))
    {
        _rider = rider;
        _settings = settings;
        _messageType = messageType;
        InputAddress = TopicNames.Address(rider.Plugin.Scheme, settings.Topic, settings.Group);
        PrefetchCount = settings.PollLimit;
        ConcurrentMessageLimit = settings.Concurrency;

        _keepDeadLetters = keepDeadLetters;
        if (keepDeadLetters)
            this.ConfigureError(error => DeadLetter(error, $"{settings.Topic}@{settings.Group}"));
        else
            this.DiscardFaultedMessages();

        this.CheckMessages();
        this.UseFilter(new RecordCheck());

        // A topic may hold other messages than those that the group is for.
        this.DiscardSkippedMessages();
        _ = new BatchObserver(this, settings);
        var counter = new ConsumerCounter(settings);
        ConnectConsumerConfigurationObserver(counter);
        ConnectSagaConfigurationObserver(counter);
        ConnectHandlerConfigurationObserver(counter);
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
        // What takes longer than its transaction may has failed, and is not to be tried again for ever.
        if (_settings.IsTransactional)
            policy = policy with { ProcessingTimeout = policy.ProcessingTimeout ?? TransactionalPump.WorkLimit(_rider.Plugin) };
        _settings.Policy = policy;
        var name = $"{_settings.Topic}@{_settings.Group}";
        this.ConfigureReceive(receive => receive.UseFilter(new RetryTopics()));
        if (_rider.Services.GetService<IDeathRecords>() is { } records)
            this.HandleSuspectsAlone(
                new RecordSuspects(records, name, _settings), name, policy, _keepDeadLetters ? error => DeadLetter(error, name)
                    : null, _rider.Services);
        this.UseAttempts(name, policy, _rider.Services);
    }

    public IDictionary<string, string> Properties => _settings.Properties;

    public void ReadKeyOf<TKey>(Func<StreamRecord, TKey> read) => _settings.KeyReader = read;

    public void ReadValue<T>(Func<StreamRecord, T?> read)
        where T : class =>
        _settings.ValueReader = read;

    public void View(Func<StreamRecord, IRecordView> view) => _settings.View = view;

    public void CreateIfMissing(int? partitions, short? replicas, TimeSpan? retention) =>
        _settings.Create = new TopicSpecification(_settings.Topic, partitions, replicas, retention);

    public override IReceivePipe CreateReceivePipe() => Receive.CreatePipe(CreateConsumePipe(), RecordSerialization());

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

    ISerialization RecordSerialization()
    {
        var inner = Serialization.CreateSerializerCollection();
        var types = _messageType is null ? [] : MessageTypeCache.GetMessageTypeNames(_messageType);
        return _settings.ValueReader is { } read
            ? new DeclaredSerialization(inner, new DeclaredDeserializer(read, types))
            : new RecordSerialization(inner, new RecordDeserializer(types));
    }

    void DeadLetter(IPipeConfigurator<ExceptionReceiveContext> error, string name)
    {
        error.UseFilter(new RereadFilter());
        error.UseFaults();
        error.UseFailureHeaders(name, _rider.Logger, _rider.Services);
        error.UseFilter(new DeadLetterTopicFilter());
    }

    /// <summary>
    /// Notices consumers of batches: their records are not handled before a batch of them has come together, so that lanes would wait for
    /// each other.
    /// </summary>
    sealed class BatchObserver(IConsumePipeConfigurator configurator, StreamEndpointSettings settings) : ConfigurationObserver(configurator)
    {
        public override void BatchConsumerConfigured<TConsumer, TMessage>(
            IConsumerMessageConfigurator<TConsumer, Batch<TMessage>> configurator) =>
            settings.HasBatches = true;
    }
    /// <summary>Counts what a record goes to: one inbox that has handled it is enough only where there is no other consumer.</summary>
    sealed class ConsumerCounter(StreamEndpointSettings settings)
        : IConsumerConfigurationObserver, ISagaConfigurationObserver, IHandlerConfigurationObserver
    {
        public void ConsumerConfigured<TConsumer>(IConsumerConfigurator<TConsumer> configurator)
            where TConsumer : class =>
            settings.Consumers++;

        public void ConsumerMessageConfigured<TConsumer, TMessage>(IConsumerMessageConfigurator<TConsumer, TMessage> configurator)
            where TConsumer : class
            where TMessage : class
        {
        }

        public void SagaConfigured<TSaga>(ISagaConfigurator<TSaga> configurator)
            where TSaga : class, ISaga =>
            settings.Consumers++;

        public void StateMachineSagaConfigured<TInstance>(
            ISagaConfigurator<TInstance> configurator, SagaStateMachine<TInstance> stateMachine)
            where TInstance : class, ISaga, SagaStateMachineInstance =>
            settings.Consumers++;

        public void SagaMessageConfigured<TSaga, TMessage>(ISagaMessageConfigurator<TSaga, TMessage> configurator)
            where TSaga : class, ISaga
            where TMessage : class
        {
        }

        public void HandlerConfigured<TMessage>(IHandlerConfigurator<TMessage> configurator)
            where TMessage : class =>
            settings.Consumers++;
    }
}
