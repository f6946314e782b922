namespace Maestro.Bus.Riders.Kafka;

sealed class KafkaFetchConfigurator(ClientProperties properties) : IKafkaFetchConfigurator
{
    public TimeSpan? WaitMaxInterval
    {
        set => properties.Set<ConsumerConfig>(config => config.FetchWaitMaxMs = ClientProperties.Milliseconds(value));
    }

    public int? MaxPartitionBytes
    {
        set => properties.Set<ConsumerConfig>(config => config.MaxPartitionFetchBytes = value);
    }

    public int? MaxBytes
    {
        set => properties.Set<ConsumerConfig>(config => config.FetchMaxBytes = value);
    }

    public int? MinBytes
    {
        set => properties.Set<ConsumerConfig>(config => config.FetchMinBytes = value);
    }

    public TimeSpan? ErrorBackoffInterval
    {
        set => properties.Set<ConsumerConfig>(config => config.FetchErrorBackoffMs = ClientProperties.Milliseconds(value));
    }
}
