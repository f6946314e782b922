using System.Collections.Concurrent;
using RabbitMQ.Client;

namespace MaestroBus.Transports.RabbitMq;

/// <summary>What is known of whether the broker does its work: whether it takes messages, and whether the queues have consumers.</summary>
sealed partial class BrokerState
{
    readonly Lock _lock = new();
    readonly ConcurrentDictionary<string, IChannel> _consumed = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, IChannel> _abandoned = new(StringComparer.Ordinal);
    IConnection? _connection;

    /// <summary>Takes the lines about alarms.</summary>
    public ILogger? Logger { get; set; }

    /// <summary>Why the newest try to connect has failed, as a sentence; null if it has not.</summary>
    public string? Away { get; set; }

    /// <summary>Why the broker takes no messages from this host, in its own words; null if it does.</summary>
    public string? Blocked { get; private set; }

    /// <summary>Whether the newest message that was to be confirmed has not been in time.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The queues that this host consumes from and that the broker knows no consumer of.</summary>
    public IEnumerable<string> Abandoned => _abandoned.Keys.Order(StringComparer.Ordinal);

    /// <summary>Listens to what the broker says about a connection.</summary>
    public void Watch(IConnection connection)
    {
        lock (_lock)
        {
            if (_connection == connection)
                return;

            _connection = connection;
            Blocked = null;
            IsSilent = false;
            connection.ConnectionBlockedAsync += (_, blocked) =>
            {
                Blocked = blocked.Reason;
                if (Logger is not null)
                    IsBlocked(Logger, blocked.Reason);
                return Task.CompletedTask;
            };
            connection.ConnectionUnblockedAsync += (_, _) =>
            {
                Blocked = null;
                if (Logger is not null)
                    IsUnblocked(Logger);
                return Task.CompletedTask;
            };
        }
    }

    /// <summary>This host has a consumer on a queue.</summary>
    public void Consumes(string queue, IChannel channel)
    {
        _consumed[queue] = channel;
        _abandoned.TryRemove(queue, out _);
    }

    /// <summary>This host has ended its consumer, as when a queue is paused.</summary>
    public void Left(string queue)
    {
        _consumed.TryRemove(queue, out _);
        _abandoned.TryRemove(queue, out _);
    }

    /// <summary>The broker has counted a queue's consumers.</summary>
    public void Counted(string queue, uint consumers)
    {
        if (consumers == 0)
            Lost(queue);
    }

    /// <summary>This host's consumer on a queue is gone, by all that is known.</summary>
    public void Lost(string queue)
    {
        if (_consumed.TryGetValue(queue, out var channel))
            _abandoned.TryAdd(queue, channel);
    }

    /// <summary>
    /// Has the endpoints begin anew whose consumers are gone and that nobody has told. RabbitMQ 3.10 cancels the consumers of a queue
    /// that is deleted, but not always when the
    /// queue is declared again in the same moment.
    /// </summary>
    public async Task Renew()
    {
        foreach (var (queue, channel) in _abandoned.ToArray())
        {
            if (!_consumed.TryGetValue(queue, out var current) || current != channel)
            {
                _abandoned.TryRemove(queue, out _);
            }
            else if (channel.IsOpen)
            {
                if (Logger is not null)
                    IsLost(Logger, queue);
                await channel.AbortAsync();
            }
        }
    }

    [LoggerMessage(
        67, LogLevel.Warning,
        "RabbitMQ takes no messages from this host: an alarm is on ({Reason}). What is to be sent waits until it is over")]
    static partial void IsBlocked(ILogger logger, string reason);

    [LoggerMessage(69, LogLevel.Warning, "RabbitMQ has lost this host's consumer of the queue '{Queue}'. It begins anew")]
    static partial void IsLost(ILogger logger, string queue);

    [LoggerMessage(68, LogLevel.Information, "RabbitMQ takes messages again: the alarm is over")]
    static partial void IsUnblocked(ILogger logger);
}
