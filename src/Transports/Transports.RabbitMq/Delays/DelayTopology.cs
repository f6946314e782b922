using System.Collections.Concurrent;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>Declares the delay levels once per connection, the lower ones at once and the higher ones when they are needed, and binds each destination to their end.</summary>
sealed class DelayTopology(RabbitMqQueueType queueType) : IFilter<ChannelContext>
{
    const int NotFound = 404;

    // They hold messages for 409 s: every retry, and most of what else is delayed.
    const int LowerLevels = 4;

    static readonly TimeSpan DeclareLimit = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<string, bool> _bound = new(StringComparer.Ordinal);
    readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();
    ConnectionContext? _connection;
    Task _declared = Task.CompletedTask;
    int _levels;

    string Prefix => queueType == RabbitMqQueueType.Quorum ? "delay.quorum" : "delay.classic";

    string Delivery => $"{Prefix}.delivery";

    /// <summary>The exchange that takes the messages whose highest level this is.</summary>
    public string Level(int level) => $"{Prefix}.digit-{level}";

    public void Probe(ProbeContext context) => context.CreateFilterScope("delayTopology");

    /// <summary>Runs whenever a receive endpoint opens its channel. The endpoint does not wait for the levels: they concern delayed messages only.</summary>
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

    /// <summary>Makes sure that there is a level, and those below it, and that what comes out of them for an exchange reaches it.</summary>
    public async ValueTask Prepare(int level, string exchange, CancellationToken cancellationToken)
    {
        if (_bound.ContainsKey(exchange) && level < Volatile.Read(ref _levels) && Volatile.Read(ref _declared).IsCompletedSuccessfully)
            return;

        await _connected.Task.WaitAsync(cancellationToken);
        var connection = await Declared(level).WaitAsync(cancellationToken);
        if (!_bound.ContainsKey(exchange))
            await Bind(connection, exchange, cancellationToken);
    }

    async Task Bind(ConnectionContext connection, string exchange, CancellationToken cancellationToken)
    {
        await using (var channel = await connection.CreateChannel(null, cancellationToken))
        {
            try
            {
                await channel.ExchangeBindAsync(exchange, Delivery, $"#.{exchange}", cancellationToken: cancellationToken);
                _bound[exchange] = true;
                return;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == NotFound)
            {
                // Nothing has been sent there yet: the exchange is declared below as the bus itself would, on a new channel, because the broker closes this one.
            }
        }

        await using var second = await connection.CreateChannel(null, cancellationToken);
        await second.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await second.ExchangeBindAsync(exchange, Delivery, $"#.{exchange}", cancellationToken: cancellationToken);
        _bound[exchange] = true;
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
            await using var channel = await connection.CreateChannel(null, limit.Token);
            await channel.ExchangeDeclareAsync(Delivery, ExchangeType.Topic, durable: true, cancellationToken: limit.Token);
            for (var level = first; level <= last; level++)
                await Declare(channel, level, limit.Token);
        }
        catch (Exception exception)
        {
            // Whatever it is, the next delayed message tries again and fails with it: here it only becomes a sentence.
            LogContext.Warning?.Log(exception, "The delay queues {Prefix} could not be declared. The next delayed message tries again.", Prefix);
            throw new RabbitMqConnectionException($"The delay queues {Prefix} could not be declared. See whether the broker answers and lets this user configure {Prefix}.*.", exception);
        }
    }

    async Task Declare(IChannel channel, int level, CancellationToken cancellationToken)
    {
        var after = level == 0 ? Delivery : Level(level - 1);
        await channel.ExchangeDeclareAsync(Level(level), ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeBindAsync(after, Level(level), DelayLevels.Binding(level, 0), cancellationToken: cancellationToken);

        for (var digit = 1; digit < DelayLevels.Base && DelayLevels.Milliseconds(level, digit) <= DelayLevels.Longest.TotalMilliseconds; digit++)
        {
            var queue = $"{Prefix}.{DelayLevels.Milliseconds(level, digit)}ms";
            await channel.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, arguments: Arguments(level, digit, after), cancellationToken: cancellationToken);
            await channel.QueueBindAsync(queue, Level(level), DelayLevels.Binding(level, digit), cancellationToken: cancellationToken);
        }
    }

    Dictionary<string, object?> Arguments(int level, int digit, string after)
    {
        var arguments = new Dictionary<string, object?> { ["x-message-ttl"] = DelayLevels.Milliseconds(level, digit), ["x-dead-letter-exchange"] = after };

        if (queueType == RabbitMqQueueType.Quorum)
        {
            arguments["x-queue-type"] = "quorum";
            // Without these a message is lost if the broker stops between taking it out of one level and putting it into the next.
            arguments["x-dead-letter-strategy"] = "at-least-once";
            arguments["x-overflow"] = "reject-publish";
        }

        return arguments;
    }
}
