namespace Maestro.Bus.Riders.Kafka;

sealed class KafkaApiConfigurator(ClientProperties properties) : IKafkaApiConfigurator
{
    public bool? Request
    {
        set => properties.Set<ClientConfig>(config => config.ApiVersionRequest = value);
    }

    public TimeSpan? RequestTimeout
    {
        set => properties.Set<ClientConfig>(config => config.ApiVersionRequestTimeoutMs = ClientProperties.Milliseconds(value));
    }

    public TimeSpan? FallbackTimeout
    {
        set => properties.Set<ClientConfig>(config => config.ApiVersionFallbackMs = ClientProperties.Milliseconds(value));
    }

    public string BrokerVersionFallback
    {
        set => properties.Set<ClientConfig>(config => config.BrokerVersionFallback = value);
    }
}
