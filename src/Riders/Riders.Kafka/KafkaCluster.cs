namespace MaestroBus.Riders.Kafka;

/// <summary>The cluster that a bus's rider runs on.</summary>
sealed record KafkaCluster(KafkaSettings Settings)
{
    /// <summary>The settings of the cluster that the bus has; none where it has none yet.</summary>
    public static KafkaSettings? Of(IServiceCollection services) => services.Select(service => service.ImplementationInstance).OfType<KafkaCluster>().FirstOrDefault()?.Settings;

    /// <summary>Makes the settings those of the bus's cluster.</summary>
    /// <exception cref="ConfigurationException">The bus has another.</exception>
    public static void Use(IServiceCollection services, KafkaSettings settings)
    {
        if (Of(services) is not { } known)
            services.AddSingleton(new KafkaCluster(settings));
        else if (known != settings)
            throw new ConfigurationException(
                $"The bus has the Kafka cluster '{known.BootstrapServers}', and is to have '{settings.BootstrapServers}', too. It has one; call UsingKafka without settings to add endpoints to it.");
    }
}
