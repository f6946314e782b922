namespace Maestro.Bus.Riders;

/// <summary>Configures a producer.</summary>
public interface IProducerConfigurator<T>
    where T : class
{
    /// <summary>Gives a message's key. Without it, the message's correlation id.</summary>
    void Key(Func<T, string?> key);

    /// <summary>
    /// Chooses a message's partition, instead of the rider's own way from the key. Called with the message; the topic must have the
    /// partition.
    /// </summary>
    void Partition(Func<T, int> partition);

    /// <summary>
    /// Declares how the keys of an <see cref="ITopicProducer{TKey,T}"/> are written, in place of <see cref="RecordKey.ToBytes{TKey}"/>.
    /// </summary>
    void WriteKey<TKey>(Func<TKey, byte[]> write)
        where TKey : notnull;

    /// <summary>Declares how messages are written, in place of JSON.</summary>
    void WriteValue(Func<T, byte[]> write);

    /// <summary>
    /// Makes the contexts that the messages are sent in, in place of <see cref="IStreamPlugin.CreateContext{TKey,T}"/>. A record that only
    /// says that its key is gone has no message.
    /// </summary>
    void CreateContext(Func<T, CancellationToken, StreamSendContext<T>> create);
}

sealed class ProducerSettings<T>(string topic) : IProducerConfigurator<T>
    where T : class
{
    Delegate? _writeKey;

    public string Topic => topic;

    public Func<T, string?>? KeyOf { get; private set; }

    public Func<T, int>? PartitionOf { get; private set; }

    public Func<T, byte[]>? ValueWriter { get; private set; }

    public Func<T, CancellationToken, StreamSendContext<T>>? Create { get; private set; }

    public void Key(Func<T, string?> key) => KeyOf = key;

    public void Partition(Func<T, int> partition) => PartitionOf = partition;

    public void WriteKey<TKey>(Func<TKey, byte[]> write)
        where TKey : notnull =>
        _writeKey = write;

    public void WriteValue(Func<T, byte[]> write) => ValueWriter = write;

    public void CreateContext(Func<T, CancellationToken, StreamSendContext<T>> create) => Create = create;

    public Func<TKey, byte[]> KeyWriter<TKey>()
        where TKey : notnull =>
        _writeKey as Func<TKey, byte[]> ?? RecordKey.ToBytes;
}
