namespace Maestro.Bus.Riders;

/// <summary>
/// A client of one system of event streams: all that is special to it. The engine does the rest: lanes, offsets, retries, dead letters,
/// batches, health. What a plug-in throws tells that the broker cannot be reached or has refused; the engine tries again for as long as it
/// takes.
/// </summary>
public interface IStreamPlugin : IAsyncDisposable
{
    /// <summary>The name of the rider, in lower case, and the scheme of its topics' addresses, such as <c>kafka</c>.</summary>
    string Scheme { get; }

    /// <summary>What it can do. The engine asks for nothing else, and refuses at start what is configured and missing here.</summary>
    StreamCapabilities Capabilities { get; }

    /// <summary>Why nothing can be written; none while it can, as far as is known.</summary>
    string? WriterProblem { get; }

    /// <summary>
    /// Gets whether no broker answers, as far as is known. The plug-in logs the outage: the engine writes no lines of its own about what
    /// fails because of it.
    /// </summary>
    bool IsAway => false;

    /// <summary>How long a transaction may be open before the broker gives it up; none without such a limit.</summary>
    TimeSpan? TransactionLimit { get; }

    /// <summary>What is wrong with a topic's name, in a sentence that says what to do; none where it can be.</summary>
    string? ProblemOf(string topic);

    /// <summary>Makes the context that a message is sent in; send pipes see it.</summary>
    /// <typeparam name="TKey">The type of the producer's keys; <c>string</c> where it has none of its own.</typeparam>
    /// <typeparam name="T">The type of the message.</typeparam>
    StreamSendContext<T> CreateContext<TKey, T>(T message, CancellationToken cancellationToken)
        where T : class =>
        new(message, cancellationToken);

    /// <summary>
    /// What of an endpoint's own settings the client does not take, in a sentence that says what to do; none where it takes them.
    /// </summary>
    string? ProblemOf(StreamSubscription subscription) => null;

    /// <summary>
    /// Writes a record. Completes when the broker has it safe; records of one topic and key are in the order of the calls.
    /// </summary>
    /// <exception cref="MessageTooLargeException">It is larger than the broker takes.</exception>
    Task Produce(OutgoingRecord record, CancellationToken cancellationToken);

    /// <summary>Begins to read topics as a member of a group.</summary>
    /// <param name="subscription">What to read, and from where.</param>
    /// <param name="partitions">Is told of the partitions that come and go, from within <see cref="IStreamConsumer.Receive"/>.</param>
    IStreamConsumer Consume(StreamSubscription subscription, IStreamPartitions partitions);

    /// <summary>Creates the topics that are not there. With <see cref="StreamCapabilities.TopicCreation"/> only.</summary>
    Task CreateTopics(IReadOnlyCollection<TopicSpecification> topics, CancellationToken cancellationToken);

    /// <summary>Asks the broker whether it is there; throws where no answer comes within the time.</summary>
    Task Probe(TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>
/// A member of a group. Its methods are called one at a time, and all but <see cref="IAsyncDisposable.DisposeAsync"/> from one thread of
/// its own, which they may block.
/// </summary>
public interface IStreamConsumer : IAsyncDisposable
{
    /// <summary>
    /// Why it reads nothing, such as what the broker has refused; none where it is a member of its group. Asked from other threads, too.
    /// </summary>
    string? Problem { get; }

    /// <summary>
    /// Waits for records, and takes what there is. Of partitions that go meanwhile there may be records among them, which nobody works on;
    /// of one that has gone and come back there are only those read since.
    /// </summary>
    /// <param name="max">How many at most. 0 to take none: the engine has its hands full, and the member must stay in the group.</param>
    /// <param name="wait">How long to wait for the first.</param>
    IReadOnlyList<StreamRecord> Receive(int max, TimeSpan wait);

    /// <summary>
    /// How many offsets there are in a partition from the next one to read on; 0 where nothing is left to read, whatever lies there that is
    /// no record. Asked from other threads, too.
    /// </summary>
    long Unread(StreamPartition partition);

    /// <summary>
    /// Says that a record and all before it in its partition are finished. It need not reach the broker at once, but before the partition
    /// goes to another member.
    /// </summary>
    void Acknowledge(StreamRecord upTo);

    /// <summary>Reads the partitions that it has from another position on. With <see cref="StreamCapabilities.Replay"/> only.</summary>
    void Seek(StreamPosition position);

    /// <summary>Begins a transaction; one at a time. With <see cref="StreamCapabilities.Transactions"/> only.</summary>
    IStreamTransaction Begin();
}

/// <summary>Records and acknowledgements that count together or not at all.</summary>
public interface IStreamTransaction
{
    /// <summary>Writes a record within the transaction. May be called by many at once.</summary>
    Task Produce(OutgoingRecord record, CancellationToken cancellationToken);

    /// <summary>Makes everything count, with the acknowledgement of these records and of all before them.</summary>
    void Commit(IReadOnlyCollection<StreamRecord> upTo);

    /// <summary>Drops everything, and has the consumer read again.</summary>
    /// <param name="from">The first of the transaction's records of each partition; those of other partitions are not read again.</param>
    void Abort(IReadOnlyCollection<StreamRecord> from);
}

/// <summary>Is told which partitions a member has.</summary>
public interface IStreamPartitions
{
    /// <summary>These partitions are the member's from now on.</summary>
    void Assigned(IReadOnlyCollection<StreamPartition> partitions);

    /// <summary>
    /// These partitions go to another member. Returns when what was begun is finished and acknowledged, as far as the time allows.
    /// </summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="acknowledge">Acknowledges a record, as <see cref="IStreamConsumer.Acknowledge"/> does.</param>
    void Revoked(IReadOnlyCollection<StreamPartition> partitions, Action<StreamRecord> acknowledge);

    /// <summary>These partitions have gone to another member already: nothing can be acknowledged any more.</summary>
    void Lost(IReadOnlyCollection<StreamPartition> partitions);
}

/// <summary>A partition of a topic.</summary>
public readonly record struct StreamPartition(string Topic, int Number);
