namespace Maestro.Bus.Riders.Kafka;

/// <summary>Configures how the client finds which requests a broker takes. Each setting that is left out is the client's own.</summary>
public interface IKafkaApiConfigurator
{
    /// <summary>Whether the broker is asked which versions of requests it takes.</summary>
    bool? Request { set; }

    /// <summary>How long it may take to answer that.</summary>
    TimeSpan? RequestTimeout { set; }

    /// <summary>How long <see cref="BrokerVersionFallback"/> counts where it does not answer.</summary>
    TimeSpan? FallbackTimeout { set; }

    /// <summary>The version that the broker is taken for where it does not answer.</summary>
    string BrokerVersionFallback { set; }
}
