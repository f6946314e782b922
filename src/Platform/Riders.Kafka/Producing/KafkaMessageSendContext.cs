namespace Maestro.Bus.Riders.Kafka;

/// <summary>A message on its way to a topic. The key that was set last counts, typed or not.</summary>
sealed class KafkaMessageSendContext<TKey, T>(
    T message, IAsyncSerializer<TKey>? keySerializer, IAsyncSerializer<T>? valueSerializer, CancellationToken cancellationToken)
    : StreamSendContext<T>(message, cancellationToken), KafkaSendContext<TKey, T>
    where T : class
{
    TKey? _key;
    bool _hasKey;
    Func<TKey, byte[]>? _writeKey;

    TKey KafkaSendContext<TKey, T>.Key
    {
        get => Key is TKey text ? text : KeyBytes is TKey bytes ? bytes : _hasKey ? _key! : default!;
        set
        {
            (_key, _hasKey) = (value, value is not null);
            (Key, KeyBytes) = (null, null);
        }
    }

    Partition KafkaSendContext.Partition
    {
        get => Partition ?? Confluent.Kafka.Partition.Any;
        set => Partition = value == Confluent.Kafka.Partition.Any ? null : value.Value;
    }

    IAsyncSerializer<TKey> KafkaSendContext<TKey, T>.KeySerializer
    {
        get => keySerializer ?? EngineKeySerializer<TKey>.Instance;
        set => keySerializer = value ?? throw new ArgumentNullException(nameof(value));
    }

    IAsyncSerializer<T> KafkaSendContext<T>.ValueSerializer
    {
        get => valueSerializer ?? EngineValueSerializer<T>.Instance;
        set => valueSerializer = value ?? throw new ArgumentNullException(nameof(value));
    }

    protected override void SetKey<TGiven>(TGiven key, Func<TGiven, byte[]> write)
    {
        if (key is TKey typed)
            (_key, _hasKey, _writeKey) = (typed, true, write as Func<TKey, byte[]>);
    }

    protected override async ValueTask Complete()
    {
        var topic = TopicNames.Of(DestinationAddress);
        var headers = new Confluent.Kafka.Headers();

        if (_hasKey && Key is null && KeyBytes is null)
            KeyBytes = keySerializer is null && _writeKey is not null
                ? _writeKey(_key!)
                : await ((KafkaSendContext<TKey, T>)this).KeySerializer
                    .SerializeAsync(_key!, new SerializationContext(MessageComponentType.Key, topic, headers)).ConfigureAwait(false);

        if (valueSerializer is not null && !IsTombstone)
            SetValue(await valueSerializer
                .SerializeAsync(Message, new SerializationContext(MessageComponentType.Value, topic, headers)).ConfigureAwait(false));

        // Some serializers tell in headers what they have written, such as a schema's id.
        foreach (var header in headers)
            Headers.Set(header.Key, header.GetValueBytes(), overwrite: true);
        await base.Complete().ConfigureAwait(false);
    }
}

/// <summary>Writes keys as the engine does.</summary>
sealed class EngineKeySerializer<TKey> : IAsyncSerializer<TKey>
{
    public static EngineKeySerializer<TKey> Instance { get; } = new();

    public Task<byte[]> SerializeAsync(TKey data, SerializationContext context) =>
        Task.FromResult(data is null ? null! : RecordKey.ToBytes<object>(data));
}

/// <summary>Writes messages as the engine does.</summary>
sealed class EngineValueSerializer<T> : IAsyncSerializer<T>
    where T : class
{
    public static EngineValueSerializer<T> Instance { get; } = new();

    public Task<byte[]> SerializeAsync(T data, SerializationContext context) => Task.FromResult(RecordValue.ToBytes(data));
}
