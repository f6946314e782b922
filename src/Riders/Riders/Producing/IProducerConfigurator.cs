namespace MaestroBus.Riders;

/// <summary>Configures a producer.</summary>
public interface IProducerConfigurator<T>
    where T : class
{
    /// <summary>Gives a message's key. Without it, the message's correlation id.</summary>
    void Key(Func<T, string?> key);

    /// <summary>Chooses a message's partition, instead of the rider's own way from the key. Called with the message; the topic must have the partition.</summary>
    void Partition(Func<T, int> partition);
}

sealed class ProducerSettings<T>(string topic) : IProducerConfigurator<T>
    where T : class
{
    public string Topic => topic;

    public Func<T, string?>? KeyOf { get; private set; }

    public Func<T, int>? PartitionOf { get; private set; }

    public void Key(Func<T, string?> key) => KeyOf = key;

    public void Partition(Func<T, int> partition) => PartitionOf = partition;
}
