namespace Maestro.Bus.Riders.Kafka;

/// <summary>Configures how a group reads a topic of Kafka.</summary>
public interface IKafkaTopicReceiveEndpointConfigurator : IStreamEndpointConfigurator
{
    /// <summary>
    /// Where a group begins that is new to the topic. <see cref="IStreamEndpointConfigurator.Start"/> is the same with more places.
    /// </summary>
    /// <value>The default is <c>Consumer:OffsetReset</c>.</value>
    AutoOffsetReset? AutoOffsetReset { set; }

    /// <summary>How members of the group share partitions; all of them must use the same kind.</summary>
    /// <value>The default is <c>Consumer:Assignment</c>.</value>
    PartitionAssignmentStrategy? PartitionAssignmentStrategy { set; }

    /// <summary>How long a member may be silent before its partitions go to another.</summary>
    /// <value>The default is <c>Consumer:SessionTimeout</c>.</value>
    TimeSpan? SessionTimeout { set; }

    /// <summary>How often a member says that it is there.</summary>
    /// <value>The default is a fifth of the session's time.</value>
    TimeSpan? HeartbeatInterval { set; }

    /// <summary>How long a consumer may hold its partitions without asking for records.</summary>
    /// <value>The default is 5 minutes, or the session's time where that is longer.</value>
    TimeSpan? MaxPollInterval { set; }

    /// <summary>How often the client asks who coordinates the group.</summary>
    /// <value>The default is the client's, 10 minutes.</value>
    TimeSpan? CoordinatorQueryInterval { set; }

    /// <summary>The offset that a group which is new to the topic begins at, in each partition.</summary>
    long? Offset { set; }

    /// <summary>How often finished work is committed.</summary>
    /// <value>The default is <c>Consumer:CommitInterval</c>.</value>
    TimeSpan CheckpointInterval { set; }

    /// <summary>How many records the client tries to hold of each partition.</summary>
    /// <value>The default is the client's, 100000.</value>
    int? QueuedMinMessages { set; }

    /// <summary>How many kilobytes the client holds of each partition at most.</summary>
    /// <value>The default is the client's, 65536.</value>
    int? QueuedMaxMessagesKbytes { set; }

    /// <summary>Whether the client checks the checksums of what it receives.</summary>
    /// <value>The default is the client's, <c>false</c>.</value>
    bool? CheckCrcs { set; }

    /// <summary>Configures how records are fetched.</summary>
    void ConfigureFetch(Action<IKafkaFetchConfigurator> configure);

    /// <summary>Whether records of transactions that are not committed are read, too.</summary>
    void UseIsolationLevel(IsolationLevel isolationLevel);

    /// <summary>Creates the topic where it is not there.</summary>
    void CreateIfMissing(Action<KafkaTopicOptions> configure);
}

/// <summary>Configures how a group reads a topic of Kafka whose keys and messages are of one type each.</summary>
public interface IKafkaTopicReceiveEndpointConfigurator<TKey, TValue> : IKafkaTopicReceiveEndpointConfigurator
    where TKey : notnull
    where TValue : class
{
    /// <summary>Declares how keys are read, those too that are missing, in place of <see cref="RecordKey.FromBytes{TKey}"/>.</summary>
    void SetKeyDeserializer(IDeserializer<TKey> deserializer);

    /// <summary>
    /// Declares how messages are read, in place of JSON and of what the bus has a serializer for. Records without a value are read, too;
    /// where it makes null of one, the record is passed over.
    /// </summary>
    void SetValueDeserializer(IDeserializer<TValue> deserializer);
}

/// <summary>How a topic is created.</summary>
public sealed class KafkaTopicOptions
{
    /// <summary>The number of its partitions; none for the broker's default.</summary>
    public ushort? NumPartitions { get; set; }

    /// <summary>How many brokers hold it; none for the broker's default.</summary>
    public short? ReplicationFactor { get; set; }

    /// <summary>How long records are kept; none for the broker's default.</summary>
    public TimeSpan? Retention { get; set; }
}
