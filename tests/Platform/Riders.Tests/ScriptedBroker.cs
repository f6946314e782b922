namespace Maestro.Bus.Riders.Tests;

/// <summary>A rider whose consumers do what a test says.</summary>
public sealed class ScriptedBroker : StreamBroker
{
    /// <summary>What the next host reads from.</summary>
    public ScriptedPlugin Plugin { get; set; } = null!;

    public override void Use(IRiderRegistrationConfigurator rider, Action<IRiderRegistrationContext, IStreamFactoryConfigurator> configure)
    {
        var plugin = Plugin;
        rider.UsingStreams("scripted", _ => plugin, configure);
    }

    public override void AddProducer<T>(
        IRiderRegistrationConfigurator rider, string topic, Action<IProducerConfigurator<T>>? configure = null) =>
        rider.AddProducer<ScriptedPlugin, T>(topic, configure);

    public override IStreamPlugin CreatePlugin() => Plugin;

    public override StreamRider RiderOf(IServiceProvider services) => services.GetRequiredService<StreamRider<ScriptedPlugin>>();
}

/// <summary>Gives what a test says, each time that it is asked.</summary>
/// <param name="receive">Is told of the subscription's partitions, and how many records are asked for; gives records.</param>
public sealed class ScriptedPlugin(Func<IStreamPartitions, int, IReadOnlyList<StreamRecord>> receive) : IStreamPlugin
{
    int _begun;

    public string Scheme => "scripted";

    public StreamCapabilities Capabilities =>
        StreamCapabilities.Publishing | StreamCapabilities.Subscription | StreamCapabilities.Transactions;

    public string? WriterProblem { get; set; }

    public TimeSpan? TransactionLimit => null;

    /// <summary>Gets whether it says that no broker answers.</summary>
    public bool IsAway { get; init; }

    /// <summary>Gets which subscriptions get what the test says; the others get nothing.</summary>
    public Func<StreamSubscription, bool> Reads { get; init; } = _ => true;

    /// <summary>How many records each partition has that were not read.</summary>
    public long Unread { get; set; }

    /// <summary>Why the consumers read nothing.</summary>
    public string? Problem { get; set; }

    /// <summary>Why no transaction begins.</summary>
    public Exception? BeginFailure { get; set; }

    /// <summary>Why no transaction is committed.</summary>
    public Exception? CommitFailure { get; set; }

    /// <summary>How many transactions were to begin.</summary>
    public int Begun => _begun;

    /// <summary>What was acknowledged.</summary>
    public Received<StreamRecord> Acknowledged { get; } = new();

    /// <summary>What was to be read again.</summary>
    public Received<StreamRecord> Aborted { get; } = new();

    public string? ProblemOf(string topic) => null;

    public Task Produce(OutgoingRecord record, CancellationToken cancellationToken) => Task.CompletedTask;

    public IStreamConsumer Consume(StreamSubscription subscription, IStreamPartitions partitions) =>
        new Consumer(this, Reads(subscription) ? receive : (_, _) => [], partitions);

    public Task CreateTopics(IReadOnlyCollection<TopicSpecification> topics, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Probe(TimeSpan timeout, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    sealed class Consumer(
        ScriptedPlugin plugin, Func<IStreamPartitions, int, IReadOnlyList<StreamRecord>> receive, IStreamPartitions partitions)
        : IStreamConsumer, IStreamTransaction
    {
        static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

        readonly ManualResetEventSlim _never = new();

        public string? Problem => plugin.Problem;

        public long Unread(StreamPartition partition) => plugin.Unread;

        // A reader that were answered at once each time would take a whole processor.
        public IReadOnlyList<StreamRecord> Receive(int max, TimeSpan wait)
        {
            var records = receive(partitions, max);
            if (records.Count == 0 && wait > Moment)
                _never.Wait(Moment);
            return records;
        }

        public void Acknowledge(StreamRecord upTo) => plugin.Acknowledged.Add(upTo);

        public void Seek(StreamPosition position)
        {
        }

        public IStreamTransaction Begin()
        {
            Interlocked.Increment(ref plugin._begun);
            return plugin.BeginFailure is { } failure ? throw failure : this;
        }

        public Task Produce(OutgoingRecord record, CancellationToken cancellationToken) => Task.CompletedTask;

        public void Commit(IReadOnlyCollection<StreamRecord> upTo)
        {
            if (plugin.CommitFailure is { } failure)
                throw failure;
            foreach (var record in upTo)
                Acknowledge(record);
        }

        public void Abort(IReadOnlyCollection<StreamRecord> from)
        {
            foreach (var record in from)
                plugin.Aborted.Add(record);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
