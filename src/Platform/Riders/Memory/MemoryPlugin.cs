namespace Maestro.Bus.Riders;

/// <summary>Streams in memory as a rider.</summary>
/// <param name="streams">The streams; several buses may share them.</param>
/// <param name="capabilities">What it says that it can do.</param>
public sealed class MemoryPlugin(MemoryStreams streams, StreamCapabilities capabilities = MemoryPlugin.All) : IStreamPlugin
{
    internal const string SchemeName = "memory-streams";

    const StreamCapabilities All =
        StreamCapabilities.Publishing | StreamCapabilities.Subscription | StreamCapabilities.PatternRouting
            | StreamCapabilities.Partitioning
        | StreamCapabilities.ConsumerGroups | StreamCapabilities.Replay | StreamCapabilities.Transactions
        | StreamCapabilities.TopicCreation;

    /// <inheritdoc />
    public string Scheme => SchemeName;

    /// <inheritdoc />
    public StreamCapabilities Capabilities => capabilities;

    /// <inheritdoc />
    public string? WriterProblem => null;

    /// <inheritdoc />
    public TimeSpan? TransactionLimit => null;

    /// <inheritdoc />
    public string? ProblemOf(string topic) => string.IsNullOrWhiteSpace(topic) ? "Give it a name." : null;

    /// <inheritdoc />
    public Task Produce(OutgoingRecord record, CancellationToken cancellationToken)
    {
        streams.Write([record]);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public IStreamConsumer Consume(StreamSubscription subscription, IStreamPartitions partitions) =>
        new MemoryConsumer(streams, subscription, partitions);

    /// <inheritdoc />
    public Task CreateTopics(IReadOnlyCollection<TopicSpecification> topics, CancellationToken cancellationToken)
    {
        foreach (var topic in topics)
            streams.Create(topic.Name, topic.Partitions);

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task Probe(TimeSpan timeout, CancellationToken cancellationToken)
    {
        streams.ThrowIfAway();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
