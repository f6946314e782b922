namespace Maestro.Bus.Riders.Kafka;

/// <summary>Configures the client's connections. Each setting that is left out is the client's own.</summary>
public interface IKafkaSocketConfigurator
{
    /// <summary>How long a broker may take to answer a request of the client's own.</summary>
    TimeSpan? Timeout { set; }

    /// <summary>The size of the send buffer in bytes; 0 for the system's.</summary>
    int? SendBufferBytes { set; }

    /// <summary>The size of the receive buffer in bytes; 0 for the system's.</summary>
    int? ReceiveBufferBytes { set; }

    /// <summary>Whether TCP checks that the other end is there.</summary>
    bool? KeepaliveEnable { set; }

    /// <summary>Whether small packets are sent at once.</summary>
    bool? NagleDisable { set; }

    /// <summary>After how many failed requests the connection is made anew; 0 for never.</summary>
    int? MaxFails { set; }
}
