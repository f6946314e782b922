using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>A rider: its plug-in, its endpoints and its producers' way out.</summary>
public abstract class StreamRider : IRiderControl
{
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LeastRetention = TimeSpan.FromDays(30);
    static readonly TimeSpan Round = TimeSpan.FromSeconds(30);

    readonly ReceiveEndpointCollection _endpoints = new();
    readonly ConcurrentDictionary<(string Topic, string Group), StreamReceiver> _receivers = new();
    readonly ConcurrentDictionary<string, TopicTransport> _transports = new(StringComparer.Ordinal);
    readonly IReadOnlyList<Action<ISendPipeConfigurator>> _sends;
    readonly Func<IStreamPlugin> _connect;
    readonly SemaphoreSlim _turn = new(1);
    IReadOnlyList<TopicSpecification> _topics = [];
    CancellationTokenSource _stop = new();
    Task _created = Task.CompletedTask;
    Task _readable = Task.CompletedTask;
    bool _isRunning;
    bool _hasStopped;
    bool _isRestarted;

    private protected StreamRider(
        IBusInstance bus, IStreamPlugin plugin, Func<IStreamPlugin> connect, IServiceProvider services,
            IReadOnlyList<Action<ISendPipeConfigurator>> sends)
    {
        Bus = bus;
        Plugin = plugin;
        _connect = connect;
        Services = services;
        _sends = sends;
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StreamRider).FullName!);
        Metrics = new RiderMetrics(
            services.GetService<IMeterFactory>(), plugin.Scheme, () => _receivers.Values.SelectMany(receiver => receiver.Lags));
        DeadLetters = services.GetService<DeadLetterSettings>() is { Enabled: true, Store: true }
            ? services.GetService<IDeadLetterIntake>()
            : null;
        DeadLetterRetention = TimeSpan.FromTicks(
            Math.Max(LeastRetention.Ticks, services.GetService<DeadLetterSettings>()?.Retention.Ticks ?? 0));
        Serialization = bus.HostConfiguration.BusConfiguration.Serialization.CreateSerializerCollection();
        bus.HostConfiguration.BusConfiguration.ConnectBusObserver(new BusWatch(this));
    }

    /// <summary>What talks to the broker; another one after each stop.</summary>
    public IStreamPlugin Plugin { get; private set; }

    /// <summary>Adds an endpoint while the rider runs.</summary>
    internal Action<Type?, string, string, Action<IRiderRegistrationContext, IStreamEndpointConfigurator>>? Connector { get; set; }

    /// <summary>What is declared of a registered producer, by its topic, the type of its keys and of its messages.</summary>
    internal Func<string, Type?, Type, object?>? SettingsOf { get; set; }

    internal IBusInstance Bus { get; }

    internal IServiceProvider Services { get; }

    internal TimeProvider Time { get; }

    internal ILogger Logger { get; }

    internal RiderMetrics Metrics { get; }

    internal ISerialization Serialization { get; }

    /// <summary>How long the topics of dead letters keep them: not less than the bus's database does.</summary>
    internal TimeSpan DeadLetterRetention { get; }

    /// <summary>Takes dead letters into the bus's database; none where it has none.</summary>
    internal IDeadLetterIntake? DeadLetters { get; }

    /// <summary>
    /// Has this process's partitions of a topic read again, or further on, from a position. The group's other processes are to be told,
    /// too.
    /// </summary>
    /// <exception cref="ArgumentException">The rider has no such endpoint.</exception>
    /// <exception cref="NotSupportedException">The plug-in cannot.</exception>
    public Task Replay(string topic, string group, StreamPosition from)
    {
        if (!Plugin.Capabilities.HasFlag(StreamCapabilities.Replay))
            throw new NotSupportedException(
                $"The rider '{Plugin.Scheme}' cannot read records again: it has no {StreamCapabilities.Replay}.");

        return _receivers.TryGetValue((topic, group), out var receiver)
            ? receiver.Seek(from)
            : throw new ArgumentException(
                $"The rider '{Plugin.Scheme}' has no endpoint '{topic}' of the group '{group}'. It has "
                    + $"{string.Join(", ", _receivers.Keys.Select(key => $"{key.Topic}@{key.Group}"))}.");
    }

    /// <summary>Has a group read another topic while the rider runs. Stop what is returned, and it is read no longer.</summary>
    /// <param name="topic">The topic; one that begins with <c>^</c> is a regular expression.</param>
    /// <param name="group">The group that shares the work.</param>
    /// <param name="configure">Configures the endpoint, its consumers and sagas among them.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="BusConfigurationException">Something is wrong; the message lists all of it.</exception>
    public HostReceiveEndpointHandle ConnectTopicEndpoint<T>(
        string topic, string group, Action<IRiderRegistrationContext, IStreamEndpointConfigurator> configure,
        CancellationToken cancellationToken = default)
        where T : class
    {
        Connector!(typeof(T), topic, group, configure);
        return _endpoints.Start($"{topic}@{group}", cancellationToken);
    }

    /// <summary>Gets a producer for a topic, registered or not.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="services">The scope that it is used in: its outbox takes what is produced.</param>
    public ITopicProducer<T> GetProducer<T>(string topic, IServiceProvider services)
        where T : class =>
        Producer<string, T>(SettingsOf!(topic, null, typeof(T)) as ProducerSettings<T> ?? new ProducerSettings<T>(topic), services);

    /// <summary>Gets a producer with typed keys for a topic, registered or not.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="services">The scope that it is used in: its outbox takes what is produced.</param>
    public ITopicProducer<TKey, T> GetProducer<TKey, T>(string topic, IServiceProvider services)
        where TKey : notnull
        where T : class =>
        new KeyedTopicProducer<TKey, T>(Producer<TKey, T>(
            SettingsOf!(topic, typeof(TKey), typeof(T)) as ProducerSettings<T> ?? new ProducerSettings<T>(topic), services));

    /// <inheritdoc />
    public RiderHandle Start(CancellationToken cancellationToken = default)
    {
        if (_hasStopped)
        {
            Plugin = _connect();
            _stop = new CancellationTokenSource();
            _isRestarted = true;
        }

        (_isRunning, _hasStopped) = (true, false);
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

    internal TopicProducer<T> Producer<TKey, T>(ProducerSettings<T> settings, IServiceProvider services)
        where T : class
    {
        var transport = Transport(settings.Topic);
        return new TopicProducer<T>(transport, settings, services, transport.CreateContext<TKey, T>);
    }

    internal Task Write(OutgoingRecord record, IStreamTransaction? transaction, CancellationToken cancellationToken) =>
        transaction?.Produce(record, cancellationToken) ?? Plugin.Produce(record, cancellationToken);

    /// <summary>Moves a record to another topic, in the transaction that it was read in. What its consumer has written in vain is
    /// dropped.</summary>
    /// <param name="copy">What is written.</param>
    /// <param name="record">The record.</param>
    /// <param name="isWhole">Whether the copy has the record's bytes.</param>
    /// <exception cref="MessageTooLargeException">The topic does not take it, or has not when it was tried before.</exception>
    internal async Task PutAside(OutgoingRecord copy, StreamRecord record, bool isWhole = true)
    {
        record.Results?.Clear();
        // The broker takes nothing more in a transaction in which it has refused a record: it is not asked again.
        if (isWhole && record.RefusedBy?.Contains(copy.Topic) == true)
            throw new MessageTooLargeException($"The topic '{copy.Topic}' has refused the record because of its size before.");

        try
        {
            await Write(copy, record.Work?.Transaction, CancellationToken.None).ConfigureAwait(false);
        }
        catch (MessageTooLargeException) when (record.Work is not null)
        {
            record.Work.RefusedAsTooLarge(record, copy.Topic);
            throw;
        }
    }

    internal Task Background(Func<Task> work) => Task.Run(work);

    /// <summary>
    /// What keeps the rider from its work, each in a sentence; none where its endpoints are members of their groups, and its writer works.
    /// </summary>
    internal IReadOnlyList<string> Problems =>
        [.. _receivers.Values.SelectMany(receiver => receiver.Problems).Concat(Plugin.WriterProblem is { } problem ? [problem] : [])];

    /// <summary>Creates topics that turn out to be needed while the rider runs.</summary>
    internal void CreateToo(IReadOnlyList<TopicSpecification> topics) => Background(async () =>
    {
        if (topics.Count == 0)
            return;

        try
        {
            await Plugin.CreateTopics(topics, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // They are asked for again when they are needed.
            await NotCreated(exception, TimeSpan.Zero).ConfigureAwait(false);
        }
    });

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
                break;
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested)
            {
                // The broker may be away, or still starting.
                await NotCreated(exception, pause).ConfigureAwait(false);
                await Task.Delay(pause, Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }

        _ = Background(KeepTopics);
    }

    async Task NotCreated(Exception exception, TimeSpan pause)
    {
        try
        {
            await Plugin.Probe(Patience, _stop.Token).ConfigureAwait(false);
            Log.TopicsNotCreated(Logger, exception, pause.TotalSeconds);
        }
        catch (Exception)
        {
            // Whatever the client throws says that the broker is away, which the plug-in logs.
            Log.BrokerAway(Logger, exception);
        }
    }

    /// <summary>Creates anew what somebody has deleted: reading asks for nothing that is not there.</summary>
    async Task KeepTopics()
    {
        using var timer = new PeriodicTimer(Round, Time);

        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false);
                if (Problems.Count > 0)
                    await Plugin.CreateTopics(_topics, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                // The broker may be away, which its health tells of, or the rider stops.
                Log.BrokerAway(Logger, exception);
            }
        }
    }

    async Task Stop(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);

        try
        {
            if (!_isRunning)
                return;

            (_isRunning, _hasStopped) = (false, true);
            await _stop.CancelAsync().ConfigureAwait(false);
            await _endpoints.StopEndpoints(cancellationToken).ConfigureAwait(false);
            await _created.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Plugin.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    sealed class Handle(StreamRider rider, HostReceiveEndpointHandle[] endpoints) : RiderHandle
    {
        public Task Ready => Task.WhenAll(endpoints.Select(endpoint => endpoint.Ready));

        public Task StopAsync(CancellationToken cancellationToken) => rider.Stop(cancellationToken);
    }

    /// <summary>
    /// Starts and stops a rider with its bus. MassTransit 8.5 does so once, and leaves it as it is when the bus starts or stops again.
    /// </summary>
    sealed class BusWatch(StreamRider rider) : BusObserver
    {
        public override async Task PostStart(IBus bus, Task<BusReady> busReady)
        {
            if (rider._hasStopped)
                await rider.Start(CancellationToken.None).Ready.ConfigureAwait(false);
        }

        // The first stop, which MassTransit passes on, has a limit of its own.
        public override Task PreStop(IBus bus) => rider._isRestarted ? rider.Stop(CancellationToken.None) : Task.CompletedTask;
    }
}

/// <summary>The rider of one plug-in: the type that a bus tells its riders apart by.</summary>
public sealed class StreamRider<TPlugin> : StreamRider
    where TPlugin : class, IStreamPlugin
{
    internal StreamRider(
        IBusInstance bus, TPlugin plugin, Func<TPlugin> connect, IServiceProvider services,
            IReadOnlyList<Action<ISendPipeConfigurator>> sends)
        : base(bus, plugin, connect, services, sends)
    {
    }
}
