using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Keeps the delay queues in use: a policy of the broker's with <c>expires</c> deletes a queue that has not been used for so long, with the
/// messages in it. RabbitMQ counts a quorum queue as used while it has a consumer, and when a message is taken from it, but not when it is
/// declared again.
/// </summary>
sealed class DelayUses
{
    // Only version 3 has consumers without credit over this protocol (3.10 to 3.13, which its plugin for AMQP 1.0 needs); later ones
    // ignore the argument.
    const string CreditVersion = "3.";
    const string Deliveries = "x-delivery-count";

    // As long as an unsigned 32-bit delay at the most.
    const int MostDoublings = 19;

    // Taking a message from a quorum queue writes to its log: not with every look, and often enough for a policy of 15 s.
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(8);

    static readonly Dictionary<string, object?> NoCredit = new()
    {
        ["x-credit"] = new Dictionary<string, object?> { ["credit"] = 0L, ["drain"] = false },
    };

    readonly ConcurrentDictionary<string, IChannel> _consumed = new(StringComparer.Ordinal);
    readonly Dictionary<string, (long Since, TimeSpan Wait)> _taken = new(StringComparer.Ordinal);
    IConnection? _connection;
    IChannel? _channel;

    /// <summary>Uses a queue. Not for two callers at a time.</summary>
    /// <param name="connection">The connection at hand.</param>
    /// <param name="queue">Its name.</param>
    /// <param name="consumers">How many consumers it has, this host's included.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task Use(ConnectionContext connection, string queue, uint consumers, CancellationToken cancellationToken)
    {
        var channel = await Channel(connection, cancellationToken);

        if (!TakesNoCredit(connection.Connection))
            await TakeAndGiveBack(channel, queue, cancellationToken);
        else if (consumers == 0 || !_consumed.TryGetValue(queue, out var current) || current != channel)
            await Consume(channel, queue, cancellationToken);
    }

    /// <summary>Whether a broker has consumers that get nothing.</summary>
    static bool TakesNoCredit(IConnection connection) =>
        connection.ServerProperties?.TryGetValue("version", out var version) == true
        && version is byte[] bytes && Encoding.UTF8.GetString(bytes).StartsWith(CreditVersion, StringComparison.Ordinal);

    // It gets no message, which so keeps its place, its time and the number of its deliveries.
    async Task Consume(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        await channel.BasicConsumeAsync(
            queue, autoAck: false, "", noLocal: false, exclusive: false, NoCredit,
            new IdleConsumer(channel, () => _consumed.TryRemove(queue, out _)), cancellationToken);
        _consumed[queue] = channel;
    }

    /// <summary>
    /// Takes the first message and gives it back, which counts as a delivery of it. RabbitMQ 4.0 to 4.2 dead-letter a message after 20,
    /// which ends its delay: so the same message is taken after 8 s, 16 s, 32 s and so on, by all hosts together.
    /// </summary>
    async Task TakeAndGiveBack(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        if (_taken.TryGetValue(queue, out var last) && Stopwatch.GetElapsedTime(last.Since) < last.Wait)
            return;

        var doublings = 0;
        if (await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } message)
        {
            await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true, cancellationToken);
            if (message.BasicProperties.Headers?.TryGetValue(Deliveries, out var count) == true && count is long deliveries)
                doublings = (int)Math.Min(deliveries, MostDoublings);
        }

        _taken[queue] = (Stopwatch.GetTimestamp(), Interval * (1L << doublings));
    }

    async ValueTask<IChannel> Channel(ConnectionContext connection, CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true } && _connection == connection.Connection)
            return _channel;

        if (_channel is not null)
            await _channel.DisposeAsync();

        (_channel, _connection) = (null, connection.Connection);
        return _channel = await connection.CreateChannel(null, cancellationToken);
    }

    sealed class IdleConsumer(IChannel channel, Action cancelled) : AsyncDefaultBasicConsumer(channel)
    {
        /// <summary>The queue has been deleted.</summary>
        public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
        {
            cancelled();
            return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
        }
    }
}
