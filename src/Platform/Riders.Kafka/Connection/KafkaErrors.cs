using System.Collections.Concurrent;

namespace Maestro.Bus.Riders.Kafka;

/// <summary>
/// Takes what the clients report. Each of them reports each of its attempts to reach a broker that is away, several times a second. The log
/// has the lines of an outage while no broker answers; everything else is a warning at most once a minute.
/// </summary>
sealed class KafkaErrors : IDisposable
{
    static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    readonly ConcurrentDictionary<(ErrorCode Code, string Reason), LineAMinute> _errors = new();
    readonly ConcurrentDictionary<string, LineAMinute> _commits = new(StringComparer.Ordinal);
    readonly Func<TimeSpan, CancellationToken, Task> _probe;
    readonly CancellationTokenSource _disposed = new();
    readonly OutageLog _log;
    readonly ProbedOutage _outage;
    readonly ILogger _logger;
    readonly TimeProvider _time;
    volatile Failure? _failure;
    int _isAsking;

    /// <param name="servers">The brokers' addresses, for the log.</param>
    /// <param name="probe">Asks whether any broker answers within a time; throws if none does.</param>
    /// <param name="logger">Takes the lines.</param>
    /// <param name="time">The clock.</param>
    public KafkaErrors(string servers, Func<TimeSpan, CancellationToken, Task> probe, ILogger logger, TimeProvider time)
    {
        (_probe, _logger, _time) = (probe, logger, time);
        _log = new OutageLog($"Kafka at {servers}", time, logger);
        _outage = new ProbedOutage(
            _log, stopping => probe(ProbeLimit, stopping), Words, ProbeInterval, ProbeLimit + ProbeLimit, time);
    }

    /// <summary>Why no broker could be reached a moment ago; null if one could, as far as is known.</summary>
    public string? Unreachable => _failure is { } failure && _time.Monotonic() - failure.At < Fresh ? failure.Reason : null;

    /// <summary>Gets whether no broker answers, as far as is known.</summary>
    public bool IsAway => _outage.Reason is not null;

    /// <summary>Takes an error of a client.</summary>
    public void Tell(Error error)
    {
        // That all brokers are away does not tell why.
        if (error.IsLocalError && error.Code != ErrorCode.Local_AllBrokersDown)
            _failure = new Failure(error.Reason, _time.Monotonic());

        if (IsAway && error.IsLocalError)
            Log.Client(_logger, error.Reason);
        else if (IsOfConnection(error.Code))
            Ask(error);
        else
            Warn(error);
    }

    /// <summary>Takes that a group's offsets could not be committed.</summary>
    /// <param name="group">The group.</param>
    /// <param name="exception">Why.</param>
    public void NotCommitted(string group, KafkaException exception)
    {
        if (IsOfConnection(exception.Error.Code))
            Tell(exception.Error);
        else if (!IsAway && _commits.GetOrAdd(group, _ => new LineAMinute(_time)).IsDue(out var untold))
        {
            Log.NotCommitted(_logger, group, LogText.Clean(exception.Error.Reason.TrimEnd('.')), untold);
            return;
        }

        Log.NotCommittedEither(_logger, exception, group);
    }

    /// <summary>Notes that no broker has answered.</summary>
    /// <param name="reason">Why.</param>
    public void Away(string reason)
    {
        if (!_disposed.IsCancellationRequested)
            _outage.Away(reason);
    }

    /// <summary>Ends the lines of an outage.</summary>
    public void Dispose()
    {
        _disposed.Cancel();
        _outage.Dispose();
        _log.Dispose();
    }

    static bool IsOfConnection(ErrorCode code) => code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Transport
        or ErrorCode.Local_Resolve or ErrorCode.Local_Authentication or ErrorCode.Local_Ssl or ErrorCode.Local_TimedOut;

    // A client that loses a connection does not know whether the others can be had; and it may report late what was over long ago.
    void Ask(Error error)
    {
        if (!_disposed.IsCancellationRequested && (error.Code == ErrorCode.Local_AllBrokersDown || !IsTold(error))
            && Interlocked.Exchange(ref _isAsking, 1) == 0)
            _ = Find(error, _disposed.Token);
        else
            Log.Client(_logger, error.Reason);
    }

    async Task Find(Error error, CancellationToken disposed)
    {
        try
        {
            await _probe(ProbeLimit, disposed).ConfigureAwait(false);
            if (error.Code != ErrorCode.Local_AllBrokersDown)
                Warn(error);
        }
        catch (Exception exception)
        {
            // Whatever the client throws says that no broker has answered.
            Away(Words(exception));
        }
        finally
        {
            Volatile.Write(ref _isAsking, 0);
        }
    }

    void Warn(Error error)
    {
        if (_errors.GetOrAdd(Key(error), _ => new LineAMinute(_time)).IsDue(out var _))
            Log.Error(_logger, error.Reason);
        else
            Log.Client(_logger, error.Reason);
    }

    string Words(Exception exception) => Unreachable ?? LogText.Reason(exception);

    bool IsTold(Error error) => _errors.TryGetValue(Key(error), out var line) && line.IsQuiet;

    // What happens at a connection has its number and its times in the text.
    static (ErrorCode Code, string Reason) Key(Error error) => (error.Code, error.IsLocalError ? "" : error.Reason);

    sealed record Failure(string Reason, TimeSpan At);
}
