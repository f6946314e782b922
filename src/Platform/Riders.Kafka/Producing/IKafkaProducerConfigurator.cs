namespace Maestro.Bus.Riders.Kafka;

/// <summary>Configures a producer for a topic of Kafka.</summary>
public interface IKafkaProducerConfigurator<TKey, TValue> : IProducerConfigurator<TValue>
    where TValue : class
{
    /// <summary>Declares how keys are written, in place of <see cref="RecordKey.ToBytes{TKey}"/>.</summary>
    void SetKeySerializer(IAsyncSerializer<TKey> serializer);

    /// <summary>Declares how keys are written, in place of <see cref="RecordKey.ToBytes{TKey}"/>.</summary>
    void SetKeySerializer(ISerializer<TKey> serializer);

    /// <summary>Declares how messages are written, in place of JSON.</summary>
    void SetValueSerializer(IAsyncSerializer<TValue> serializer);

    /// <summary>Declares how messages are written, in place of JSON.</summary>
    void SetValueSerializer(ISerializer<TValue> serializer);
}

sealed class KafkaProducerConfigurator<TKey, T> : IKafkaProducerConfigurator<TKey, T>
    where T : class
{
    readonly IProducerConfigurator<T> _producer;
    IAsyncSerializer<TKey>? _key;
    IAsyncSerializer<T>? _value;

    public KafkaProducerConfigurator(IProducerConfigurator<T> producer)
    {
        _producer = producer;
        producer.CreateContext(
            (message, cancellationToken) => new KafkaMessageSendContext<TKey, T>(message, _key, _value, cancellationToken));
    }

    public void SetKeySerializer(IAsyncSerializer<TKey> serializer) => _key = serializer;

    public void SetKeySerializer(ISerializer<TKey> serializer) => _key = new AtOnce<TKey>(serializer);

    public void SetValueSerializer(IAsyncSerializer<T> serializer) => _value = serializer;

    public void SetValueSerializer(ISerializer<T> serializer) => _value = new AtOnce<T>(serializer);

    public void Key(Func<T, string?> key) => _producer.Key(key);

    public void Partition(Func<T, int> partition) => _producer.Partition(partition);

    public void WriteKey<TOther>(Func<TOther, byte[]> write)
        where TOther : notnull =>
        _producer.WriteKey(write);

    public void WriteValue(Func<T, byte[]> write) => _producer.WriteValue(write);

    public void CreateContext(Func<T, CancellationToken, StreamSendContext<T>> create) => _producer.CreateContext(create);

    sealed class AtOnce<TValue>(ISerializer<TValue> serializer) : IAsyncSerializer<TValue>
    {
        public Task<byte[]> SerializeAsync(TValue data, SerializationContext context) =>
            Task.FromResult(serializer.Serialize(data, context));
    }
}
