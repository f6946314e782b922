using System.Collections.Concurrent;

namespace MaestroBus.Riders.Kafka;

/// <summary>
/// Takes what the clients have to say. Each of them tells of each of its attempts to reach a broker that is away, several times a second: the same is a warning once in a
/// while.
/// </summary>
sealed class KafkaErrors(ILogger logger, TimeProvider time)
{
    /// <summary>How long the same is no warning again.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<(ErrorCode Code, string Reason), DateTimeOffset> _told = new();
    volatile Failure? _failure;

    /// <summary>Why no broker could be reached a moment ago; none where one could, as far as is known.</summary>
    public string? Unreachable => _failure is { } failure && time.GetUtcNow() - failure.At < Fresh ? failure.Reason : null;

    public void Tell(Error error)
    {
        var now = time.GetUtcNow();
        // That all brokers are away does not tell why.
        if (error.IsLocalError && error.Code != ErrorCode.Local_AllBrokersDown)
            _failure = new Failure(error.Reason, now);

        // What happens at a connection has its number and its times in the text.
        var key = (error.Code, error.IsLocalError ? "" : error.Reason);
        if (_told.TryGetValue(key, out var told) && now - told < Quiet)
        {
            Log.Client(logger, error.Reason);
            return;
        }

        _told[key] = now;
        Log.Error(logger, error.Reason);
    }

    sealed record Failure(string Reason, DateTimeOffset At);
}
