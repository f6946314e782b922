using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Looks every few seconds whether all that this process has declared is still there, declares again what is not, and keeps the delay
/// queues in use (<see cref="DelayUses"/>).
/// </summary>
sealed partial class TopologyKeeper(DeclaredTopology topology, BrokerState state)
{
    const ushort NotFound = 404;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly SemaphoreSlim _turn = new(1);
    readonly SemaphoreSlim _wakeup = new(0);
    readonly DelayUses _uses = new();
    IReadOnlyList<(DeclaredQueue Queue, uint Count)> _kept = [];
    long _asked;
    long _answered;
    ConnectionContext? _connection;
    OutageLog? _unchecked;
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

    /// <summary>
    /// Looks, and declares again what is missing; those who ask while others wait share one look. What the broker refuses is told of in
    /// the log, and the rest is looked at all the same.
    /// </summary>
    /// <exception cref="Exception">The broker is away.</exception>
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
            var look = new Look(topology, connection, state, _uses, _logger);
            if (await look.Run(limit.Token) is { } problem)
            {
                _unchecked?.Away(problem);
            }
            else
            {
                _unchecked?.Back();
                _kept = look.Kept;
            }

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
            if (_connection is { Connection.IsOpen: true } && !cancellationToken.IsCancellationRequested)
                _unchecked?.Away(Words(exception));
        }
    }

    /// <summary>Looks until the host ends.</summary>
    public async Task Run(TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        _logger = logger;
        using var log = _unchecked = new OutageLog(new Lines(logger), time);

        while (true)
        {
            await _wakeup.WaitAsync(Interval, cancellationToken);
            if (_connection is { Connection.IsOpen: true })
            {
                // What has been found in the look before has had the time to be told.
                await state.Renew();
                await TryRestore(cancellationToken);
                await GiveBack(logger, cancellationToken);
            }
        }
    }

    // What was published while something was deleted; all is there again.
    async Task GiveBack(ILogger logger, CancellationToken cancellationToken)
    {
        var kept = Interlocked.Exchange(ref _kept, []);

        try
        {
            foreach (var (queue, count) in kept)
            {
                if (_connection is { Connection: { IsOpen: true } connection })
                    await UnroutedMessages.GiveBack(connection, queue, count, logger, cancellationToken);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // They are where they were, and the next look comes to them. A connection that is lost is somebody else's to report.
            if (_connection is { Connection.IsOpen: true })
                _unchecked?.Away($"what was published while a queue was deleted: {Words(exception).TrimEnd('.')}");
        }
    }

    static string Words(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason.ReplyText: { Length: > 0 } reply } ? reply : exception.Message;

    sealed partial class Lines(ILogger logger) : IOutageLines
    {
        public void Begin(string reason) => HasBegun(reason);

        public void GoOn(TimeSpan duration, string reason) => GoesOn(duration, reason);

        public void End(TimeSpan duration) => HasEnded(duration);

        [LoggerMessage(
            61, LogLevel.Warning, "The queues, exchanges and bindings at RabbitMQ cannot all be checked: {Reason}. It is tried again until "
                + "they can")]
        partial void HasBegun(string reason);

        [LoggerMessage(
            58, LogLevel.Warning, "The queues, exchanges and bindings at RabbitMQ have not all been checked for {Duration}: {Reason}")]
        partial void GoesOn(TimeSpan duration, string reason);

        [LoggerMessage(59, LogLevel.Information, "The queues, exchanges and bindings at RabbitMQ are all there again after {Duration}")]
        partial void HasEnded(TimeSpan duration);
    }

    /// <summary>One look. RabbitMQ closes the channel of whoever asks for what does not exist, so that it may take several.</summary>
    sealed partial class Look(
        DeclaredTopology topology, ConnectionContext connection, BrokerState state, DelayUses delays, ILogger? logger)
    {
        IChannel? _channel;
        readonly List<(DeclaredQueue, uint)> _kept = [];
        string? _problem;
        int _others;

        /// <summary>The queues that have kept messages for others, and how many.</summary>
        public IReadOnlyList<(DeclaredQueue Queue, uint Count)> Kept => _kept;

        /// <summary>Looks at everything.</summary>
        /// <returns>What could not be checked, and why; null if there is nothing.</returns>
        public async Task<string?> Run(CancellationToken cancellationToken)
        {
            try
            {
                var (exchanges, queues, bindings) = topology.Snapshot();

                foreach (var exchange in exchanges)
                    await Try($"the exchange '{exchange.Name}'", () => Check(exchange, cancellationToken), cancellationToken);
                foreach (var queue in queues)
                    await Try($"the queue '{queue.Name}'", () => Check(queue, cancellationToken), cancellationToken);
                foreach (var binding in bindings)
                    await Try(
                        $"the binding of '{binding.Source}' to '{binding.Destination}'", () => Check(binding, cancellationToken),
                        cancellationToken);

                return _others > 0 ? $"{_problem}; and {_others} more" : _problem;
            }
            finally
            {
                await Drop();
            }
        }

        // One that the broker refuses, or does not answer for, as when the node of a classic queue is down, keeps none of the others back.
        async Task Try(string what, Func<Task> check, CancellationToken cancellationToken)
        {
            try
            {
                await check();
            }
            catch (Exception exception) when (connection.Connection.IsOpen && !cancellationToken.IsCancellationRequested)
            {
                if (_problem is null)
                    _problem = $"{what}: {Words(exception).TrimEnd('.')}";
                else
                    _others++;

                // A channel on which an answer is still to come takes no other question.
                await Drop();
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
            QueueDeclareOk? found = null;
            if (await Finds(
                async channel => found = await channel.QueueDeclarePassiveAsync(queue.Name, cancellationToken), cancellationToken))
            {
                if (queue.IsDelay)
                    await delays.Use(connection, queue.Name, found!.ConsumerCount, cancellationToken);
                else if (queue.GivenBackTo is null)
                    state.Counted(queue.Name, found!.ConsumerCount, found.MessageCount);
                else if (found!.MessageCount > 0)
                    _kept.Add((queue, found.MessageCount));
                return;
            }

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

            await Drop();
            return _channel = await connection.CreateChannel(null, cancellationToken);
        }

        async ValueTask Drop()
        {
            if (_channel is not null)
                await _channel.DisposeAsync();
            _channel = null;
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
