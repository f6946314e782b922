using System.Collections.Concurrent;
using RabbitMQ.Client;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>What is known of whether the broker does its work: whether it takes messages, and whether the queues have consumers.</summary>
sealed partial class BrokerState
{
    readonly Lock _lock = new();
    readonly ConcurrentDictionary<string, IChannel> _consumed = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, IChannel> _abandoned = new(StringComparer.Ordinal);
    IConnection? _connection;
    OutageLog? _alarm;
    ILogger? _logger;

    /// <summary>Why the newest try to connect has failed, as a sentence; null if it has not.</summary>
    public string? Away { get; set; }

    /// <summary>Why the broker takes no messages from this host, in its own words; null if it does.</summary>
    public string? Blocked { get; private set; }

    /// <summary>Whether the newest message that was to be confirmed has not been in time.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>The queues that this host consumes from and that the broker knows no consumer of.</summary>
    public IEnumerable<string> Abandoned => _abandoned.Keys.Order(StringComparer.Ordinal);

    /// <summary>Tells a log of alarms and of consumers that are lost, until what is returned is disposed of.</summary>
    public IDisposable Listen(TimeProvider time, ILogger logger)
    {
        lock (_lock)
        {
            _logger = logger;
            var alarm = _alarm = new OutageLog(new AlarmLines(logger), time);
            if (Blocked is { } reason)
                alarm.Away(reason);
            return alarm;
        }
    }

    /// <summary>The broker has confirmed a message.</summary>
    public void Confirmed()
    {
        IsSilent = false;
        lock (_lock)
        {
            if (Blocked is null)
                _alarm?.Back();
        }
    }

    /// <summary>The broker has not confirmed a message in time.</summary>
    public void NotConfirmed() => IsSilent = true;

    /// <summary>Nothing can be told of whether the broker confirms messages.</summary>
    public void NotAsked() => IsSilent = false;

    /// <summary>Listens to what the broker says about a connection.</summary>
    public void Watch(IConnection connection)
    {
        lock (_lock)
        {
            if (_connection == connection)
                return;

            _connection = connection;
            // An alarm may still be on; the line that it is over comes with the first message that is confirmed.
            Blocked = null;
            IsSilent = false;
            connection.ConnectionBlockedAsync += (_, blocked) => Block(blocked.Reason);
            connection.ConnectionUnblockedAsync += (_, _) => Block(null);
        }

        Task Block(string? reason)
        {
            lock (_lock)
            {
                if (_connection != connection)
                    return Task.CompletedTask;

                Blocked = reason;
                if (reason is null)
                    _alarm?.Back();
                else
                    _alarm?.Away(reason);
                return Task.CompletedTask;
            }
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

    /// <summary>Takes how many messages wait in the queues.</summary>
    public QueueFigures? Figures { get; set; }

    /// <summary>The broker has counted a queue's consumers, and the messages that wait.</summary>
    public void Counted(string queue, uint consumers, uint messages)
    {
        Figures?.Set(queue, messages);
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
                if (_logger is not null)
                    IsLost(_logger, queue);
                await channel.AbortAsync();
            }
        }
    }

    [LoggerMessage(69, LogLevel.Warning, "RabbitMQ has lost this host's consumer of the queue '{Queue}'. It begins anew")]
    static partial void IsLost(ILogger logger, string queue);

    sealed partial class AlarmLines(ILogger logger) : IOutageLines
    {
        public void Begin(string reason) => HasBegun(reason);

        public void GoOn(TimeSpan duration, string reason) => GoesOn(duration, reason);

        public void End(TimeSpan duration) => HasEnded(duration);

        [LoggerMessage(
            67, LogLevel.Warning,
            "RabbitMQ takes no messages from this host: an alarm is on ({Reason}). What is to be sent waits until it is over")]
        partial void HasBegun(string reason);

        [LoggerMessage(57, LogLevel.Warning, "RabbitMQ has taken no messages from this host for {Duration}: an alarm is on ({Reason})")]
        partial void GoesOn(TimeSpan duration, string reason);

        [LoggerMessage(68, LogLevel.Information, "RabbitMQ takes messages again after {Duration}: the alarm is over")]
        partial void HasEnded(TimeSpan duration);
    }
}
