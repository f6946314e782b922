namespace Maestro.Bus.Riders.Kafka;

/// <summary>Configures Kafka.</summary>
public interface IKafkaFactoryConfigurator : IStreamFactoryConfigurator
{
    /// <summary>The settings; whatever is changed here counts.</summary>
    KafkaSettings Settings { get; }

    /// <summary>Whose acknowledgement a record needs. The default is <c>Bus:Kafka:Producer:Acks</c>.</summary>
    Acks? Acks { set; }

    /// <summary>What the connections are called in the broker's own listings. The default is the host's assembly name.</summary>
    string ClientId { set; }

    /// <summary>How large a request may be, in bytes.</summary>
    int? MessageMaxBytes { set; }

    /// <summary>Up to how many bytes a record is copied rather than referred to.</summary>
    int? MessageCopyMaxBytes { set; }

    /// <summary>How large an answer may be, in bytes.</summary>
    int? ReceiveMessageMaxBytes { set; }

    /// <summary>How many requests may be open at a broker.</summary>
    int? MaxInFlight { set; }

    /// <summary>How often topics and brokers are asked for. The default is 10 seconds.</summary>
    TimeSpan? TopicMetadataRefreshInterval { set; }

    /// <summary>How long what is known of topics and brokers counts.</summary>
    TimeSpan? MetadataMaxAge { set; }

    /// <summary>How often a topic is asked for that has lost its leader. The default is 250 milliseconds.</summary>
    TimeSpan? TopicMetadataRefreshFastInterval { set; }

    /// <summary>Whether only the topics that are used are asked for.</summary>
    bool? TopicMetadataRefreshSparse { set; }

    /// <summary>Regular expressions of topics that are not there for the client, with commas between them.</summary>
    string TopicBlacklist { set; }

    /// <summary>What the client writes to the log of its own work, such as <c>broker,topic</c>.</summary>
    string Debug { set; }

    /// <summary>For how many milliseconds a broker's addresses are kept.</summary>
    int? BrokerAddressTtl { set; }

    /// <summary>Whether brokers are reached by IPv4, IPv6 or any.</summary>
    BrokerAddressFamily? BrokerAddressFamily { set; }

    /// <summary>How long the client waits at first before it connects again. The default is 100 milliseconds.</summary>
    TimeSpan? ReconnectBackoff { set; }

    /// <summary>How long it waits at most. The default is 2 seconds.</summary>
    TimeSpan? ReconnectBackoffMax { set; }

    /// <summary>Whether the client's log lines have the name of its thread.</summary>
    bool? LogThreadName { set; }

    /// <summary>Whether the client writes to the log that a connection was closed.</summary>
    bool? LogConnectionClose { set; }

    /// <summary>The signal that ends the client's threads.</summary>
    int? InternalTerminationSignal { set; }

    /// <summary>How connections are made. The default is what <c>Host</c> says of encryption and of the user.</summary>
    SecurityProtocol? SecurityProtocol { set; }

    /// <summary>The client's plug-ins, with semicolons between them.</summary>
    string PluginLibraryPaths { set; }

    /// <summary>The rack that this process is in.</summary>
    string ClientRack { set; }

    /// <summary>Names some of the cluster's brokers, <c>host:port</c>.</summary>
    void Host(params string[] servers);

    /// <summary>Names some of the cluster's brokers, and says how they are connected to.</summary>
    /// <param name="servers">The brokers, <c>host:port</c>.</param>
    /// <param name="configure">Configures encryption and the user.</param>
    void Host(IReadOnlyList<string> servers, Action<IKafkaHostConfigurator>? configure = null);

    /// <summary>Names some of the cluster's brokers, and says how they are connected to.</summary>
    /// <param name="server">The brokers, <c>host:port</c> with commas between them.</param>
    /// <param name="configure">Configures encryption and the user.</param>
    void Host(string server, Action<IKafkaHostConfigurator> configure);

    /// <summary>Configures how the client finds which requests a broker takes.</summary>
    void ConfigureApi(Action<IKafkaApiConfigurator> configure);

    /// <summary>Configures the client's connections.</summary>
    void ConfigureSocket(Action<IKafkaSocketConfigurator> configure);

    /// <summary>
    /// Has a group read a topic whose records are messages of one type, where they do not say another. Their keys are of no interest.
    /// </summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="groupId">The group that shares the work.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<T>(string topicName, string groupId, Action<IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class;

    /// <summary>
    /// Has a group read a topic whose records have keys of one type and are messages of one type, where they do not say another.
    /// </summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="groupId">The group that shares the work.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<TKey, TValue>(
        string topicName, string groupId, Action<IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class;

    /// <summary>
    /// Has a group read a topic whose records have keys of one type and are messages of one type, where they do not say another.
    /// </summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="consumerConfig">The group, and what is different from the rider's settings.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<TKey, TValue>(
        string topicName, ConsumerConfig consumerConfig, Action<IKafkaTopicReceiveEndpointConfigurator<TKey, TValue>> configure)
        where TKey : notnull
        where TValue : class;

    /// <summary>
    /// Has a group read a topic whose records are messages of one type, where they do not say another. Their keys are of no interest.
    /// </summary>
    /// <param name="topicName">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="consumerConfig">The group, and what is different from the rider's settings.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    void TopicEndpoint<T>(
        string topicName, ConsumerConfig consumerConfig, Action<IKafkaTopicReceiveEndpointConfigurator<Ignore, T>> configure)
        where T : class;
}
