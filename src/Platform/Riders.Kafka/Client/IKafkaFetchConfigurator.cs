namespace Maestro.Bus.Riders.Kafka;

/// <summary>Configures how records are fetched. Each setting that is left out is the client's own.</summary>
public interface IKafkaFetchConfigurator
{
    /// <summary>How long the broker waits for <see cref="MinBytes"/>.</summary>
    TimeSpan? WaitMaxInterval { set; }

    /// <summary>How many bytes of a partition the client asks for at first.</summary>
    int? MaxPartitionBytes { set; }

    /// <summary>How many bytes the client asks for in all.</summary>
    int? MaxBytes { set; }

    /// <summary>With how many bytes the broker answers at once.</summary>
    int? MinBytes { set; }

    /// <summary>How long the client waits after a failed fetch.</summary>
    TimeSpan? ErrorBackoffInterval { set; }
}
