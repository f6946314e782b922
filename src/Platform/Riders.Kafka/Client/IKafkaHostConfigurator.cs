namespace Maestro.Bus.Riders.Kafka;

/// <summary>Configures how the cluster is connected to.</summary>
public interface IKafkaHostConfigurator
{
    /// <summary>Encrypts the connections.</summary>
    void UseSsl(Action<IKafkaSslConfigurator> configure);

    /// <summary>Says who the client is.</summary>
    void UseSasl(Action<IKafkaSaslConfigurator> configure);
}
