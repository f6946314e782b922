namespace Maestro.Bus.Riders;

/// <summary>
/// Configures how a group reads a topic. <see cref="IReceiveEndpointConfigurator"/>'s concurrency is the number of records worked on at a
/// time, in order by key, and its prefetch the number that is taken at a time at most.
/// </summary>
public interface IStreamEndpointConfigurator : IReceiveEndpointConfigurator
{
    /// <summary>Where the group begins that has acknowledged nothing yet.</summary>
    /// <value>The default is <see cref="StreamPosition.Earliest"/>.</value>
    StreamPosition Start { set; }

    /// <summary>
    /// Whether what is written because of the records and their acknowledgement are one transaction. What consumers do elsewhere, such as
    /// in a database, is not part of it.
    /// </summary>
    /// <value>The default is <c>false</c>.</value>
    bool Transactional { set; }

    /// <summary>How long work that has begun may take when a partition goes to another member, before that one begins, too.</summary>
    /// <value>The default is 20 seconds.</value>
    TimeSpan HandOverLimit { set; }

    /// <summary>
    /// Tries failed records again as a queue's policy says, from the topics <c>{topic}-{group}-retry-{n}</c>. Without it, what fails goes
    /// to the dead letters at once.
    /// </summary>
    void UseRetryTopics(QueuePolicy policy);

    /// <summary>Declares how <c>GetKey</c> reads the records' keys, in place of <see cref="RecordKey.FromBytes{TKey}"/>.</summary>
    void ReadKey<TKey>(Func<byte[], TKey> read)
        where TKey : notnull =>
        ReadKeyOf(record => read(record.Key ?? throw KeyExtensions.Missing<TKey>()));

    /// <summary>Declares how <c>GetKey</c> reads the records' keys, also those that are missing.</summary>
    void ReadKeyOf<TKey>(Func<StreamRecord, TKey> read);

    /// <summary>
    /// Declares how the records' values become messages of a type, in place of JSON and of what the bus has a serializer for. A record
    /// without a value, which says that its key is gone, is read, too.
    /// </summary>
    /// <param name="read">
    /// Returns the message; null to pass the record over. What it throws makes the record an unreadable one, unless the exception tells
    /// that something cannot be reached: then it is tried again as the policy says.
    /// </param>
    void ReadValue<T>(Func<StreamRecord, T?> read)
        where T : class;

    /// <summary>Shows consumers more of a record than <see cref="StreamRecord"/>: what is made is a payload of their context.</summary>
    void View(Func<StreamRecord, IRecordView> view);

    /// <summary>Settings of the plug-in's client for this endpoint alone; they win over the rider's.</summary>
    IDictionary<string, string> Properties { get; }

    /// <summary>Creates the topic where it is not there.</summary>
    /// <param name="partitions">Its number of partitions; none for the broker's default.</param>
    /// <param name="replicas">How many brokers hold it; none for the broker's default.</param>
    /// <param name="retention">How long records are kept; none for the broker's default.</param>
    void CreateIfMissing(int? partitions = null, short? replicas = null, TimeSpan? retention = null);
}
