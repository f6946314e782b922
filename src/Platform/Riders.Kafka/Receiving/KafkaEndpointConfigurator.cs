using MassTransit.Configuration;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>Offers for an endpoint what is special to Kafka.</summary>
sealed class KafkaEndpointConfigurator<TKey, TValue> : StreamEndpointConfiguratorProxy,
    IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>, IReceiveEndpointSpecification
    where TKey : notnull
    where TValue : class
{
    static readonly bool HasNoKey = typeof(TKey) == typeof(Ignore) || typeof(TKey) == typeof(Null);

    readonly ClientProperties _properties;

    Func<StreamRecord, TKey>? _readKey;
    bool _fails;

    /// <param name="endpoint">The endpoint's configurator.</param>
    /// <param name="config">The group, and what is different from the rider's settings.</param>
    public KafkaEndpointConfigurator(IStreamEndpointConfigurator endpoint, ConsumerConfig config)
        : base(endpoint)
    {
        _properties = new ClientProperties(Properties);
        endpoint.View(record => new KafkaRecordView<TKey>(record, config.GroupId, KeyOf));
        endpoint.AddEndpointSpecification(this);
        _properties.Set(config.Where(property => property.Key is not ("group.id" or "auto.offset.reset")));
        AutoOffsetReset = config.AutoOffsetReset;
    }

    public AutoOffsetReset? AutoOffsetReset
    {
        set
        {
            _fails = value == Confluent.Kafka.AutoOffsetReset.Error;
            if (value is { } reset)
                Start = reset == Confluent.Kafka.AutoOffsetReset.Latest ? StreamPosition.Latest : StreamPosition.Earliest;
        }
    }

    public PartitionAssignmentStrategy? PartitionAssignmentStrategy
    {
        set => _properties.Set<ConsumerConfig>(config => config.PartitionAssignmentStrategy = value);
    }

    public TimeSpan? SessionTimeout
    {
        set
        {
            if (value is { } session)
                _properties.Set<ConsumerConfig>(config => KafkaConfig.SetSession(config, session));
        }
    }

    public TimeSpan? HeartbeatInterval
    {
        set => _properties.Set<ConsumerConfig>(config => config.HeartbeatIntervalMs = ClientProperties.Milliseconds(value));
    }

    public TimeSpan? MaxPollInterval
    {
        set => _properties.Set<ConsumerConfig>(config => config.MaxPollIntervalMs = ClientProperties.Milliseconds(value));
    }

    public TimeSpan? CoordinatorQueryInterval
    {
        set => _properties.Set<ConsumerConfig>(config => config.CoordinatorQueryIntervalMs = ClientProperties.Milliseconds(value));
    }

    public long? Offset
    {
        set
        {
            if (value is { } offset)
                Start = StreamPosition.At(offset);
        }
    }

    public TimeSpan CheckpointInterval
    {
        set => _properties.Set<ConsumerConfig>(config => config.AutoCommitIntervalMs = (int)value.TotalMilliseconds);
    }

    public int? QueuedMinMessages
    {
        set => _properties.Set<ConsumerConfig>(config => config.QueuedMinMessages = value);
    }

    public int? QueuedMaxMessagesKbytes
    {
        set => _properties.Set<ConsumerConfig>(config => config.QueuedMaxMessagesKbytes = value);
    }

    public bool? CheckCrcs
    {
        set => _properties.Set<ConsumerConfig>(config => config.CheckCrcs = value);
    }

    public void ConfigureFetch(Action<IKafkaFetchConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(new KafkaFetchConfigurator(_properties));
    }

    public void UseIsolationLevel(IsolationLevel isolationLevel) =>
        _properties.Set<ConsumerConfig>(config => config.IsolationLevel = isolationLevel);

    public void CreateIfMissing(Action<KafkaTopicOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new KafkaTopicOptions();
        configure(options);
        CreateIfMissing(options.NumPartitions, options.ReplicationFactor, options.Retention);
    }

    public void SetKeyDeserializer(IDeserializer<TKey> deserializer) => ReadKeyOf(
        record => deserializer.Deserialize(record.Key, record.Key is null, Context(MessageComponentType.Key, record)));

    public override void ReadKeyOf<TRead>(Func<StreamRecord, TRead> read)
    {
        if (read is Func<StreamRecord, TKey> own)
            _readKey = own;
        base.ReadKeyOf(read);
    }

    public void SetValueDeserializer(IDeserializer<TValue> deserializer) => ReadValue<TValue>(
        record => deserializer.Deserialize(record.Value, record.Value is null, Context(MessageComponentType.Value, record)));

    void IReceiveEndpointSpecification.Configure(IReceiveEndpointBuilder builder)
    {
    }

    IEnumerable<ValidationResult> ISpecification.Validate()
    {
        if (_readKey is null && !HasNoKey && !RecordKey.IsKnown(typeof(TKey)))
            yield return this.Failure(
                "Keys", $"of the type {typeof(TKey).Name} are not known. Declare how they are read, with SetKeyDeserializer.");
        if (_fails)
            yield return this.Failure(nameof(AutoOffsetReset), "is Error, with which a new group can never begin. Use Earliest or Latest.");
    }

    static SerializationContext Context(MessageComponentType component, StreamRecord record)
    {
        var headers = new Confluent.Kafka.Headers();
        foreach (var (name, value) in record.Headers)
            headers.Add(name, value);
        return new SerializationContext(component, record.Headers.Get(StreamHeaders.Topic) ?? record.Partition.Topic, headers);
    }

    TKey KeyOf(StreamRecord record) => _readKey is not null ? _readKey(record)
        : record.Key is null || HasNoKey ? default!
        : RecordKey.FromBytes<TKey>(record.Key);
}
