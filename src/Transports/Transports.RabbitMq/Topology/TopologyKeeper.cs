using System.Diagnostics;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>
/// Looks every few seconds whether all that this process has declared is still there, declares again what is not, and keeps the delay
/// queues in use. A policy of the
/// broker's with <c>expires</c> removes a queue that nobody has used for so long: RabbitMQ 3.10 counts a quorum queue as used when a
/// message is taken from it, not when it is
/// declared again.
/// </summary>
sealed partial class TopologyKeeper(DeclaredTopology topology, BrokerState state)
{
    const ushort NotFound = 404;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // Taking a message from a quorum queue writes to its log: not with every look, and often enough for a policy of 15 s.
    static readonly TimeSpan UseInterval = TimeSpan.FromSeconds(8);

    readonly SemaphoreSlim _turn = new(1);
    readonly SemaphoreSlim _wakeup = new(0);
    long _asked;
    long _answered;
    long _used;
    ConnectionContext? _connection;
    ILogger? _logger;

    /// <summary>What this process has declared.</summary>
    public DeclaredTopology Topology => topology;

    /// <summary>The connection at hand; null before the first one.</summary>
    public ConnectionContext? Connection => _connection;

    /// <summary>A connection to the broker has opened a channel.</summary>
    public void Use(ConnectionContext connection)
    {
        state.Watch(connection.Connection);
        _connection = connection;
    }

    /// <summary>Has the next look come at once.</summary>
    public void Wake()
    {
        if (_wakeup.CurrentCount == 0)
            _wakeup.Release();
    }

    /// <summary>Looks, and declares again what is missing; those who ask while others wait share one look.</summary>
    /// <exception cref="Exception">The broker is away or refuses something.</exception>
    public async Task Restore(CancellationToken cancellationToken)
    {
        var mine = Interlocked.Increment(ref _asked);
        await _turn.WaitAsync(cancellationToken);

        try
        {
            if (_answered >= mine || _connection is not { } connection)
                return;

            var asked = Volatile.Read(ref _asked);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.CancellationToken);
            limit.CancelAfter(Limit);
            var uses = _used == 0 || Stopwatch.GetElapsedTime(_used) > UseInterval;
            await new Look(topology, connection, state, uses, _logger).Run(limit.Token);
            if (uses)
                _used = Stopwatch.GetTimestamp();
            _answered = asked;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Restores as <see cref="Restore"/> does, and only reports what keeps it from doing so.</summary>
    public async Task TryRestore(CancellationToken cancellationToken)
    {
        try
        {
            await Restore(cancellationToken);
        }
        catch (Exception exception)
        {
            // A connection that is lost meanwhile is somebody else's to report.
            if (_connection is { Connection.IsOpen: true } && _logger is { } logger && !cancellationToken.IsCancellationRequested)
                NotChecked(logger, exception);
        }
    }

    /// <summary>Looks until the host ends.</summary>
    public async Task Run(ILogger logger, CancellationToken cancellationToken)
    {
        _logger = logger;

        while (true)
        {
            await _wakeup.WaitAsync(Interval, cancellationToken);
            if (_connection is { Connection.IsOpen: true })
            {
                // What has been found in the look before has had the time to be told.
                await state.Renew();
                await TryRestore(cancellationToken);
            }
        }
    }

    [LoggerMessage(
        61, LogLevel.Warning,
        "It could not be found out whether the queues, exchanges and bindings are all there; it is tried again in a few seconds")]
    static partial void NotChecked(ILogger logger, Exception exception);

    /// <summary>One look. RabbitMQ closes the channel of whoever asks for what does not exist, so that it may take several.</summary>
    sealed partial class Look(DeclaredTopology topology, ConnectionContext connection, BrokerState state, bool uses, ILogger? logger)
    {
        IChannel? _channel;

        public async Task Run(CancellationToken cancellationToken)
        {
            try
            {
                var (exchanges, queues, bindings) = topology.Snapshot();

                foreach (var exchange in exchanges)
                    await Check(exchange, cancellationToken);
                foreach (var queue in queues)
                    await Check(queue, cancellationToken);
                foreach (var binding in bindings)
                    await Check(binding, cancellationToken);
            }
            finally
            {
                if (_channel is not null)
                    await _channel.DisposeAsync();
            }
        }

        async Task Check(DeclaredExchange exchange, CancellationToken cancellationToken)
        {
            if (await Finds(channel => channel.ExchangeDeclarePassiveAsync(exchange.Name, cancellationToken), cancellationToken))
                return;

            await (await Channel(cancellationToken)).ExchangeDeclareAsync(
                exchange.Name, exchange.Type, durable: true, autoDelete: false, exchange.Arguments, cancellationToken: cancellationToken);
            if (logger is not null)
                ExchangeRestored(logger, exchange.Name);
        }

        async Task Check(DeclaredQueue queue, CancellationToken cancellationToken)
        {
            if (await Finds(
                channel => uses && queue.IsDelay
                    ? Use(channel, queue.Name, cancellationToken)
                    : Count(channel, queue.Name, cancellationToken),
                cancellationToken))
                return;

            await (await Channel(cancellationToken)).QueueDeclareAsync(
                queue.Name, durable: true, exclusive: false, autoDelete: false, queue.Arguments, cancellationToken: cancellationToken);
            state.Lost(queue.Name);
            if (logger is not null)
                QueueRestored(logger, queue.Name);
        }

        // What is bound already stays as it is. A binding to another program's queue or exchange ends with it.
        async Task Check(DeclaredBinding binding, CancellationToken cancellationToken)
        {
            if (await Finds(
                channel => binding.IsToQueue
                    ? channel.QueueBindAsync(
                        binding.Destination, binding.Source, binding.RoutingKey, binding.Arguments, cancellationToken: cancellationToken)
                    : channel.ExchangeBindAsync(
                        binding.Destination, binding.Source, binding.RoutingKey, binding.Arguments, cancellationToken: cancellationToken),
                cancellationToken))
                return;

            if (!(binding.IsToQueue ? topology.HasQueue(binding.Destination) : topology.HasExchange(binding.Destination)))
                topology.Remove(binding);
        }

        async Task Count(IChannel channel, string queue, CancellationToken cancellationToken) =>
            state.Counted(queue, (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).ConsumerCount);

        static async Task Use(IChannel channel, string queue, CancellationToken cancellationToken)
        {
            if (await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } message)
                await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true, cancellationToken);
        }

        async Task<bool> Finds(Func<IChannel, Task> ask, CancellationToken cancellationToken)
        {
            try
            {
                await ask(await Channel(cancellationToken));
                return true;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == NotFound)
            {
                return false;
            }
        }

        async ValueTask<IChannel> Channel(CancellationToken cancellationToken)
        {
            if (_channel is { IsOpen: true })
                return _channel;

            if (_channel is not null)
                await _channel.DisposeAsync();

            return _channel = await connection.CreateChannel(null, cancellationToken);
        }

        [LoggerMessage(
            62, LogLevel.Error,
            "The queue '{Queue}' has been deleted at RabbitMQ, and the messages in it are lost. It has been declared again")]
        static partial void QueueRestored(ILogger logger, string queue);

        [LoggerMessage(
            63, LogLevel.Warning, "The exchange '{Exchange}' has been deleted at RabbitMQ. It has been declared again, with its bindings")]
        static partial void ExchangeRestored(ILogger logger, string exchange);
    }
}
