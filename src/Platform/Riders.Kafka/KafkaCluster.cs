namespace Maestro.Bus.Riders.Kafka;

/// <summary>The cluster that a bus's rider runs on.</summary>
sealed record KafkaCluster(KafkaSettings Settings, TlsClient? Tls)
{
    /// <summary>The cluster that the bus has; <c>null</c> if it has none yet.</summary>
    public static KafkaCluster? Of(IServiceCollection services) =>
        services.Select(service => service.ImplementationInstance).OfType<KafkaCluster>().FirstOrDefault();

    /// <summary>Makes the settings those of the bus's cluster.</summary>
    /// <param name="services">The bus's services.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="tls">How its connections are encrypted; <c>null</c> if they are not, or the cluster is known.</param>
    /// <exception cref="ConfigurationException">The bus has another.</exception>
    public static void Use(IServiceCollection services, KafkaSettings settings, TlsClient? tls)
    {
        if (Of(services)?.Settings is not { } known)
            services.AddSingleton(new KafkaCluster(settings, tls));
        else if (known != settings)
            throw new ConfigurationException(
                $"The bus has the Kafka cluster '{known.BootstrapServers}', and is to have '{settings.BootstrapServers}', too. It has one; "
                    + "call UsingKafka without settings to add endpoints to it.");
    }
}
