namespace Maestro.Bus.Riders.Kafka;

sealed class KafkaSocketConfigurator(ClientProperties properties) : IKafkaSocketConfigurator
{
    public TimeSpan? Timeout
    {
        set => properties.Set<ClientConfig>(config => config.SocketTimeoutMs = ClientProperties.Milliseconds(value));
    }

    public int? SendBufferBytes
    {
        set => properties.Set<ClientConfig>(config => config.SocketSendBufferBytes = value);
    }

    public int? ReceiveBufferBytes
    {
        set => properties.Set<ClientConfig>(config => config.SocketReceiveBufferBytes = value);
    }

    public bool? KeepaliveEnable
    {
        set => properties.Set<ClientConfig>(config => config.SocketKeepaliveEnable = value);
    }

    public bool? NagleDisable
    {
        set => properties.Set<ClientConfig>(config => config.SocketNagleDisable = value);
    }

    public int? MaxFails
    {
        set => properties.Set<ClientConfig>(config => config.SocketMaxFails = value);
    }
}
