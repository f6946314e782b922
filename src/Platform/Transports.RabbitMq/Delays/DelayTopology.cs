using System.Collections.Concurrent;
using System.Text;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Declares the delay levels when a connection is new, the lower ones at once and the higher ones when they are needed or have been
/// before, and binds each destination to their end.
/// The <see cref="TopologyKeeper"/> sees to it that they stay.
/// </summary>
sealed class DelayTopology(DeclaredTopology topology) : IFilter<ChannelContext>
{
    /// <summary>
    /// Holds the routing key of a message that is delayed or sent to another program's queue: the delay's digits or the queue's name take
    /// its place. A receiver of the bus gets the key, and not this header.
    /// </summary>
    public const string RoutingKeyHeader = "Bus-Routing-Key";

    // Also where the bus's other queues are classic ones: those drop what expires while the way home is missing.
    const string Prefix = "delay.quorum";
    const string Delivery = $"{Prefix}.delivery";

    const int NotFound = 404;

    // They hold messages for 409 s: every retry, and most of what else is delayed.
    const int LowerLevels = 4;

    static readonly TimeSpan DeclareLimit = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<(string Destination, bool IsQueue), bool> _bound = [];
    readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();
    ConnectionContext? _connection;
    Task _declared = Task.CompletedTask;
    int _levels;

    /// <summary>A name for a queue that a host asks whether the broker takes messages; who may declare the levels may declare it.</summary>
    public string ProbeQueue { get; } = $"{Prefix}.probe.{NewId.NextGuid():n}";

    /// <summary>The exchange that takes the messages whose highest level this is.</summary>
    public static string Level(int level) => $"{Prefix}.digit-{level}";

    /// <summary>Whether an exchange is one of the delays.</summary>
    public static bool IsOfDelays(string exchange) => exchange.StartsWith($"{Prefix}.", StringComparison.Ordinal);

    /// <summary>The routing key that a message was sent with, which has come by the delay levels or another way.</summary>
    /// <param name="exchange">The exchange that has led it here.</param>
    /// <param name="routingKey">The routing key that it has come with.</param>
    /// <param name="headers">Its headers; what has kept the routing key is taken off.</param>
    public static string RoutingKeyOf(string exchange, string routingKey, IDictionary<string, object?>? headers)
    {
        if (headers is not null && headers.Remove(RoutingKeyHeader, out var key) && key is byte[] bytes)
            return Encoding.UTF8.GetString(bytes);

        return IsOfDelays(exchange) ? "" : routingKey;
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("delayTopology");

    /// <summary>
    /// Runs whenever a receive endpoint opens its channel. The endpoint does not wait for the levels: they concern delayed messages only.
    /// </summary>
    public Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        lock (_lock)
        {
            if (_connection?.Connection != context.ConnectionContext.Connection)
            {
                _connection = context.ConnectionContext;
                _levels = 0;
                _declared = Task.CompletedTask;
                DeclareUpTo(LowerLevels - 1);
                _bound.Clear();
            }
        }

        _connected.TrySetResult();
        return next.Send(context);
    }

    /// <summary>
    /// Leads what comes out of the levels to a receiver. Called whenever the receiver begins, with its queue and exchange declared.
    /// </summary>
    public async Task Receive(ChannelContext context, string exchange)
    {
        await context.ExchangeDeclare(
            Delivery, ExchangeType.Topic, durable: true, autoDelete: false, new Dictionary<string, object>(), context.CancellationToken);
        await context.ExchangeBind(exchange, Delivery, Key(exchange), new Dictionary<string, object>(), context.CancellationToken);
        _bound[(exchange, false)] = true;
    }

    /// <summary>
    /// Makes sure that there is a level, and those below it, and that what comes out of them for an exchange or queue reaches it.
    /// </summary>
    /// <exception cref="MessageReturnedException">The queue does not exist.</exception>
    public async ValueTask Prepare(int level, string destination, bool isQueue, CancellationToken cancellationToken)
    {
        if (_bound.ContainsKey((destination, isQueue))
            && level < Volatile.Read(ref _levels)
            && Volatile.Read(ref _declared).IsCompletedSuccessfully)
            return;

        await _connected.Task.WaitAsync(cancellationToken);
        var connection = await Declared(level).WaitAsync(cancellationToken);
        if (_bound.ContainsKey((destination, isQueue)))
            return;

        if (!await TryBind(connection, destination, isQueue, declare: false, cancellationToken))
        {
            if (isQueue)
                throw new MessageReturnedException(DeclaringChannelContext.Missing(destination));

            // Nothing has been sent there yet: the exchange is declared as the bus itself would.
            await TryBind(connection, destination, isQueue, declare: true, cancellationToken);
        }

        _bound[(destination, isQueue)] = true;
    }

    static string Key(string destination) => $"#.{destination}";

    async Task<bool> TryBind(
        ConnectionContext connection, string destination, bool isQueue, bool declare, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannel(null, cancellationToken);

        try
        {
            if (declare)
            {
                await channel.ExchangeDeclareAsync(destination, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
                topology.Add(new DeclaredExchange(destination, ExchangeType.Fanout));
            }

            if (isQueue)
                await channel.QueueBindAsync(destination, Delivery, Key(destination), cancellationToken: cancellationToken);
            else
                await channel.ExchangeBindAsync(destination, Delivery, Key(destination), cancellationToken: cancellationToken);

            topology.Add(new DeclaredBinding(Delivery, destination, isQueue, Key(destination)));
            return true;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == NotFound)
        {
            return false;
        }
    }

    async Task<ConnectionContext> Declared(int level)
    {
        ConnectionContext connection;
        Task declared;

        lock (_lock)
        {
            connection = _connection!;
            if (_declared.IsFaulted)
                (_levels, _declared) = (0, Task.CompletedTask);
            DeclareUpTo(level);
            declared = _declared;
        }

        await declared;
        return connection;
    }

    // Under the lock.
    void DeclareUpTo(int level)
    {
        if (level < _levels)
            return;

        _declared = Declare(_connection!, _declared, _levels, level);
        _levels = level + 1;
    }

    async Task Declare(ConnectionContext connection, Task before, int first, int last)
    {
        await before;
        await Task.Yield();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.CancellationToken);
        limit.CancelAfter(DeclareLimit);

        try
        {
            await using (var channel = await connection.CreateChannel(null, limit.Token))
            {
                await Declare(channel, new DeclaredExchange(Delivery, ExchangeType.Topic), limit.Token);
                for (var level = first; level <= last; level++)
                    await Declare(channel, level, limit.Token);
            }

            if (first == 0)
                await DeclareWhatHasBeenNeeded(connection, last + 1, limit.Token);
        }
        catch (Exception exception)
        {
            // Whatever it is, the next delayed message tries again and fails with it: here it only becomes a sentence.
            LogContext.Warning?.Log(
                exception, "The delay queues {Prefix} could not be declared. The next delayed message tries again.", Prefix);
            throw new RabbitMqConnectionException(
                $"The delay queues {Prefix} could not be declared. See whether the broker answers and lets this user configure {Prefix}.*.",
                exception);
        }
    }

    /// <summary>
    /// Looks for higher levels that a process has declared before: their queues may hold messages, and are kept as one's own.
    /// </summary>
    async Task DeclareWhatHasBeenNeeded(ConnectionContext connection, int first, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannel(null, cancellationToken);

        try
        {
            for (var level = first; level < DelayLevels.Count; level++)
            {
                await channel.ExchangeDeclarePassiveAsync(Level(level), cancellationToken);
                await Declare(channel, level, cancellationToken);
            }
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == NotFound)
        {
            // Nobody has needed this one, nor those above it.
        }
    }

    async Task Declare(IChannel channel, int level, CancellationToken cancellationToken)
    {
        var after = level == 0 ? Delivery : Level(level - 1);
        await Declare(channel, new DeclaredExchange(Level(level), ExchangeType.Topic), cancellationToken);
        await channel.ExchangeBindAsync(after, Level(level), DelayLevels.Binding(level, 0), cancellationToken: cancellationToken);
        topology.Add(new DeclaredBinding(Level(level), after, IsToQueue: false, DelayLevels.Binding(level, 0)));

        for (var digit = 1; digit < DelayLevels.Base
            && DelayLevels.Milliseconds(level, digit) <= DelayLevels.Longest.TotalMilliseconds; digit++)
        {
            var name = $"{Prefix}.{DelayLevels.Milliseconds(level, digit)}ms";
            var queue = new DeclaredQueue(name, Arguments(level, digit, after), IsDelay: true);
            await channel.QueueDeclareAsync(
                queue.Name, durable: true, exclusive: false, autoDelete: false, queue.Arguments, cancellationToken: cancellationToken);
            topology.Add(queue);

            await channel.QueueBindAsync(queue.Name, Level(level), DelayLevels.Binding(level, digit), cancellationToken: cancellationToken);
            topology.Add(new DeclaredBinding(Level(level), queue.Name, IsToQueue: true, DelayLevels.Binding(level, digit)));
        }
    }

    async Task Declare(IChannel channel, DeclaredExchange exchange, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(exchange.Name, exchange.Type, durable: true, cancellationToken: cancellationToken);
        topology.Add(exchange);
    }

    static Dictionary<string, object?> Arguments(int level, int digit, string after) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-message-ttl"] = DelayLevels.Milliseconds(level, digit),
        ["x-dead-letter-exchange"] = after,
        // Without these a message is lost if the broker stops between taking it out of one level and putting it into the next, or while
        // there is no next.
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };
}
