using System.Collections.Concurrent;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>Declares the delay levels once per connection, and binds each destination to their end.</summary>
sealed class DelayTopology(RabbitMqQueueType queueType) : IFilter<ChannelContext>
{
    const int NotFound = 404;

    static readonly TimeSpan DeclareLimit = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<string, bool> _bound = new(StringComparer.Ordinal);
    readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _lock = new();
    ConnectionContext? _connection;
    Task _declared = Task.CompletedTask;

    string Prefix => queueType == RabbitMqQueueType.Quorum ? "delay.quorum" : "delay.classic";

    string Delivery => $"{Prefix}.delivery";

    /// <summary>The exchange that takes the messages whose highest level this is.</summary>
    public string Level(int level) => $"{Prefix}.level-{level:00}";

    public void Probe(ProbeContext context) => context.CreateFilterScope("delayTopology");

    /// <summary>Runs whenever a receive endpoint opens its channel. The endpoint does not wait for the levels: they concern delayed messages only.</summary>
    public Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        lock (_lock)
        {
            if (_connection?.Connection != context.ConnectionContext.Connection)
            {
                _connection = context.ConnectionContext;
                _declared = Declare(_connection);
                _bound.Clear();
            }
        }

        _connected.TrySetResult();
        return next.Send(context);
    }

    /// <summary>Makes sure that what comes out of the levels for an exchange reaches it.</summary>
    public async ValueTask Bind(string exchange, CancellationToken cancellationToken)
    {
        if (_bound.ContainsKey(exchange))
            return;

        await _connected.Task.WaitAsync(cancellationToken);
        var connection = await Declared().WaitAsync(cancellationToken);

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

    async Task<ConnectionContext> Declared()
    {
        ConnectionContext connection;
        Task declared;

        lock (_lock)
        {
            connection = _connection!;
            if (_declared.IsFaulted)
                _declared = Declare(connection);
            declared = _declared;
        }

        await declared;
        return connection;
    }

    async Task Declare(ConnectionContext connection)
    {
        await Task.Yield();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.CancellationToken);
        limit.CancelAfter(DeclareLimit);

        try
        {
            await using var channel = await connection.CreateChannel(null, limit.Token);
            await Declare(channel, limit.Token);
        }
        catch (Exception exception)
        {
            // Whatever it is, the next delayed message tries again and fails with it: here it only becomes a sentence.
            LogContext.Warning?.Log(exception, "The delay queues {Prefix} could not be declared. The next delayed message tries again.", Prefix);
            throw new RabbitMqConnectionException($"The delay queues {Prefix} could not be declared. See whether the broker answers and lets this user configure {Prefix}.*.", exception);
        }
    }

    async Task Declare(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(Delivery, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);

        for (var level = 0; level < DelayLevels.Count; level++)
        {
            var name = Level(level);
            var after = level == 0 ? Delivery : Level(level - 1);

            await channel.ExchangeDeclareAsync(name, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(
                name, durable: true, exclusive: false, autoDelete: false, arguments: Arguments(level, after), cancellationToken: cancellationToken);
            await channel.QueueBindAsync(name, name, DelayLevels.Binding(level, waits: true), cancellationToken: cancellationToken);
            await channel.ExchangeBindAsync(after, name, DelayLevels.Binding(level, waits: false), cancellationToken: cancellationToken);
        }
    }

    Dictionary<string, object?> Arguments(int level, string after)
    {
        var arguments = new Dictionary<string, object?> { ["x-message-ttl"] = 1L << level, ["x-dead-letter-exchange"] = after };

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
