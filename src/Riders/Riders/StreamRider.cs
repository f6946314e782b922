using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit.Transports;

namespace MaestroBus.Riders;

/// <summary>A rider: its plug-in, its endpoints and its producers' way out.</summary>
public abstract class StreamRider : IRiderControl
{
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly ReceiveEndpointCollection _endpoints = new();
    readonly ConcurrentDictionary<(string Topic, string Group), StreamReceiver> _receivers = new();
    readonly ConcurrentDictionary<string, TopicTransport> _transports = new(StringComparer.Ordinal);
    readonly IReadOnlyList<Action<ISendPipeConfigurator>> _sends;
    readonly CancellationTokenSource _stop = new();
    IReadOnlyList<TopicSpecification> _topics = [];
    Task _created = Task.CompletedTask;
    Task _readable = Task.CompletedTask;

    private protected StreamRider(IBusInstance bus, IStreamPlugin plugin, IServiceProvider services, IReadOnlyList<Action<ISendPipeConfigurator>> sends)
    {
        Bus = bus;
        Plugin = plugin;
        Services = services;
        _sends = sends;
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StreamRider).FullName!);
        Metrics = new RiderMetrics(services.GetService<IMeterFactory>(), plugin.Scheme);
        DeadLetters = services.GetService<DeadLetterSettings>() is { Enabled: true, Store: true } ? services.GetService<IDeadLetterIntake>() : null;
        Serialization = bus.HostConfiguration.BusConfiguration.Serialization.CreateSerializerCollection();
    }

    /// <summary>What talks to the broker.</summary>
    public IStreamPlugin Plugin { get; }

    internal IBusInstance Bus { get; }

    internal IServiceProvider Services { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal RiderMetrics Metrics { get; }

    internal ISerialization Serialization { get; }

    /// <summary>Takes dead letters into the bus's database; none where it has none.</summary>
    internal IDeadLetterIntake? DeadLetters { get; }

    /// <summary>Has this process's partitions of a topic read again, or further on, from a position. The group's other processes are to be told, too.</summary>
    /// <exception cref="ArgumentException">The rider has no such endpoint.</exception>
    /// <exception cref="NotSupportedException">The plug-in cannot.</exception>
    public Task Replay(string topic, string group, StreamPosition from)
    {
        if (!Plugin.Capabilities.HasFlag(StreamCapabilities.Replay))
            throw new NotSupportedException($"The rider '{Plugin.Scheme}' cannot read records again: it has no {StreamCapabilities.Replay}.");

        return _receivers.TryGetValue((topic, group), out var receiver)
            ? receiver.Seek(from)
            : throw new ArgumentException(
                $"The rider '{Plugin.Scheme}' has no endpoint '{topic}' of the group '{group}'. It has {string.Join(", ", _receivers.Keys.Select(key => $"{key.Topic}@{key.Group}"))}.");
    }

    /// <inheritdoc />
    public RiderHandle Start(CancellationToken cancellationToken = default)
    {
        if (_topics.Count > 0)
        {
            _created = Background(CreateTopics);
            _readable = Background(WaitForTopics);
        }

        return new Handle(this, _endpoints.StartEndpoints(cancellationToken));
    }

    /// <inheritdoc />
    public IEnumerable<EndpointHealthResult> CheckEndpointHealth() => _endpoints.CheckEndpointHealth();

    internal void Add(string name, ReceiveEndpoint endpoint) => _endpoints.Add(name, endpoint);

    internal void Add(StreamReceiver receiver, StreamEndpointSettings settings) => _receivers[(settings.Topic, settings.Group)] = receiver;

    internal void Create(IReadOnlyList<TopicSpecification> topics) => _topics = topics;

    /// <summary>Completes when there is no more use in waiting for the topics that are to be created.</summary>
    internal Task TopicsReadable => _readable;

    internal TopicTransport Transport(string topic) => _transports.GetOrAdd(topic, name => new TopicTransport(this, name, _sends));

    internal Task Write(OutgoingRecord record, IStreamTransaction? transaction, CancellationToken cancellationToken) =>
        transaction?.Produce(record, cancellationToken) ?? Plugin.Produce(record, cancellationToken);

    /// <summary>Moves a record to another topic, in the transaction that it was read in. What its consumer has written in vain is dropped.</summary>
    internal Task PutAside(OutgoingRecord copy, StreamRecord record)
    {
        record.Results?.Clear();
        return Write(copy, record.Transaction, CancellationToken.None);
    }

    internal Task Background(Func<Task> work) => Task.Run(work);

    async Task WaitForTopics()
    {
        while (!_stop.IsCancellationRequested && await Task.WhenAny(_created, Task.Delay(Patience, Time)).ConfigureAwait(false) != _created)
        {
            try
            {
                await Plugin.Probe(Patience, _stop.Token).ConfigureAwait(false);

                // It is there and does not create them; whoever looks after it may do so.
                return;
            }
            catch (Exception exception)
            {
                // While the broker is away, nobody reads: asking for a topic would create one that is like any other.
                Log.BrokerAway(Logger, exception);
            }
        }
    }

    async Task CreateTopics()
    {
        var pause = FirstPause;

        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Plugin.CreateTopics(_topics, _stop.Token).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested)
            {
                // The broker may be away, or still starting.
                Log.TopicsNotCreated(Logger, exception, pause.TotalSeconds);
                await Task.Delay(pause, Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    sealed class Handle(StreamRider rider, HostReceiveEndpointHandle[] endpoints) : RiderHandle
    {
        public Task Ready => Task.WhenAll(endpoints.Select(endpoint => endpoint.Ready));

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            await rider._stop.CancelAsync().ConfigureAwait(false);
            await rider._endpoints.StopEndpoints(cancellationToken).ConfigureAwait(false);
            await rider._created.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await rider.Plugin.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>The rider of one plug-in: the type that a bus tells its riders apart by.</summary>
public sealed class StreamRider<TPlugin> : StreamRider
    where TPlugin : class, IStreamPlugin
{
    internal StreamRider(IBusInstance bus, TPlugin plugin, IServiceProvider services, IReadOnlyList<Action<ISendPipeConfigurator>> sends)
        : base(bus, plugin, services, sends)
    {
    }
}
