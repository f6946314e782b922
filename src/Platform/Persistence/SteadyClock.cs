using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Tells whether the clock can be trusted with what cannot be undone, such as deleting what is old: a clock that is wrong for seconds must
/// not cost what is kept for weeks. It can be while it goes as the stopwatch does, since the last look or the start of the process, and
/// again ten minutes after it has jumped. On PostgreSQL the server's clock is looked at, too.
/// </summary>
public sealed partial class SteadyClock
{
    static readonly TimeSpan LargestDrift = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Probation = TimeSpan.FromMinutes(10);

    readonly Lock _lock = new();
    readonly TimeProvider _time;
    readonly NpgsqlDataSource? _server;
    readonly ILogger<SteadyClock> _logger;
    readonly Watch _ownWatch;
    readonly Watch _serverWatch;

    /// <summary>Makes one that has looked at the host's clock.</summary>
    /// <param name="time">The host's clock and stopwatch.</param>
    /// <param name="logger">Is told when a clock jumps.</param>
    /// <param name="database">The database; null if there is none.</param>
    public SteadyClock(TimeProvider time, ILogger<SteadyClock> logger, BusDatabase? database = null)
    {
        (_time, _logger, _server) = (time, logger, database?.DataSource);
        (_ownWatch, _serverWatch) = (new Watch(time), new Watch(TimeProvider.System));
        _ownWatch.Look(Now());
    }

    /// <summary>Looks at the clocks.</summary>
    /// <returns>Whether what depends on them can be done.</returns>
    public async Task<bool> IsSteady(CancellationToken cancellationToken)
    {
        var isSteady = IsSteady(_ownWatch, Now(), "host");
        if (_server is null)
            return isSteady;

        await using var command = _server.CreateCommand("SELECT clock_timestamp()");
        var now = (DateTime)(await command.ExecuteScalarAsync(cancellationToken))!;
        return IsSteady(_serverWatch, (new DateTimeOffset(now.ToUniversalTime()), TimeProvider.System.GetTimestamp()), "database server")
            && isSteady;
    }

    // Both at one moment, or as good as that.
    (DateTimeOffset Clock, long Stopwatch) Now()
    {
        while (true)
        {
            var before = _time.GetTimestamp();
            var now = _time.GetUtcNow();
            if (_time.GetElapsedTime(before) < LargestDrift / 2)
                return (now, before);
        }
    }

    bool IsSteady(Watch watch, (DateTimeOffset Clock, long Stopwatch) now, string whose)
    {
        lock (_lock)
        {
            if (watch.Look(now) is { } jump)
                LogJumped(whose, jump, Probation);

            return watch.IsTrusted;
        }
    }

    [LoggerMessage(
        26, LogLevel.Warning,
        "The clock of the {Whose} has jumped by {Jump}. Nothing that is old by it is deleted before it has been steady for {Probation}")]
    partial void LogJumped(string whose, TimeSpan jump, TimeSpan probation);

    sealed class Watch(TimeProvider stopwatch)
    {
        (DateTimeOffset Clock, long Stopwatch)? _seen;
        long? _jumped;

        public bool IsTrusted => _jumped is not { } jumped || stopwatch.GetElapsedTime(jumped) >= Probation;

        /// <summary>Looks at the clock. Returns by how much it has jumped since the last look, or null.</summary>
        public TimeSpan? Look((DateTimeOffset Clock, long Stopwatch) now)
        {
            var drift = _seen is { } seen
                ? now.Clock - seen.Clock - stopwatch.GetElapsedTime(seen.Stopwatch, now.Stopwatch)
                : TimeSpan.Zero;
            _seen = now;
            if (drift.Duration() < LargestDrift)
                return null;

            _jumped = now.Stopwatch;
            return drift;
        }
    }
}
