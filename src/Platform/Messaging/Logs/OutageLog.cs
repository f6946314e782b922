namespace Maestro.Bus.Messaging;

/// <summary>
/// Tells the log of one thing that this process depends on and that is away: a line when that begins, one a minute while it lasts, and one
/// when it ends, however many find it out and however often. One that begins within a minute of the last one's end ends only when nothing
/// has failed for ten seconds: what works now and then, such as a disk with room for small writes, does not begin and end all the time.
/// </summary>
public sealed partial class OutageLog : IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    readonly TimeProvider _time;
    readonly IOutageLines _lines;
    ITimer? _reminder;
    ITimer? _end;
    long _begun;
    long? _ended;
    bool _isBack;
    bool _recurs;
    string _reason = "";
    DateTimeOffset? _changed;
    int _recoveries;

    /// <param name="dependency">What is away, such as <c>RabbitMQ at broker:5672</c>.</param>
    /// <param name="time">Measures the outage.</param>
    /// <param name="logger">Takes the lines.</param>
    public OutageLog(string dependency, TimeProvider time, ILogger logger)
        : this(new DependencyLines(dependency, logger), time)
    {
    }

    /// <param name="lines">Writes the lines, in words of their own.</param>
    /// <param name="time">Measures the outage.</param>
    public OutageLog(IOutageLines lines, TimeProvider time) => (_lines, _time) = (lines, time);

    /// <summary>Gets why it is away; null if it is not, by all that has been said.</summary>
    public string? Reason
    {
        get
        {
            lock (_lock)
                return _reminder is null || _isBack ? null : _reason;
        }
    }

    /// <summary>Gets what is known of it now.</summary>
    public OutageState State
    {
        get
        {
            lock (_lock)
                return new OutageState(_reminder is not null && !_isBack, _changed, _reason.Length > 0 ? _reason : null, _recoveries);
        }
    }

    /// <summary>Notes that it is away, or still is.</summary>
    /// <param name="reason">Why, without the period of a sentence.</param>
    public void Away(string reason)
    {
        lock (_lock)
        {
            _reason = LogText.Clean(reason.TrimEnd('.'));
            if (_reminder is null || _isBack)
                _changed = _time.GetUtcNow();

            _isBack = false;
            _end?.Dispose();
            if (_reminder is not null)
                return;

            _recurs = _ended is { } ended && _time.GetElapsedTime(ended) < Interval;
            _begun = _time.GetTimestamp();
            _lines.Begin(_reason);
            _reminder = _time.CreateTimer(_ => Remind(), null, Interval, Interval);
        }
    }

    /// <summary>Notes that it is back. Without an outage this does nothing.</summary>
    public void Back()
    {
        lock (_lock)
        {
            if (_reminder is null || _isBack)
                return;

            _isBack = true;
            _ended = _time.GetTimestamp();
            _changed = _time.GetUtcNow();
            _recoveries++;
            if (_recurs)
                _end = _time.CreateTimer(_ => Tell(), null, Quiet, Timeout.InfiniteTimeSpan);
            else
                Tell();
        }
    }

    /// <summary>Ends; without a line if it is away still, as when the process ends.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            Tell();
            End();
        }
    }

    // That it has ended, unless it is away again.
    void Tell()
    {
        lock (_lock)
        {
            if (_reminder is null || !_isBack)
                return;

            End();
            _lines.End(TimeSpan.FromSeconds(Math.Round(_time.GetElapsedTime(_begun, _ended!.Value).TotalSeconds)));
        }
    }

    TimeSpan Duration => TimeSpan.FromSeconds(Math.Round(_time.GetElapsedTime(_begun).TotalSeconds));

    void Remind()
    {
        lock (_lock)
        {
            if (_reminder is not null && !_isBack)
                _lines.GoOn(Duration, _reason);
        }
    }

    void End()
    {
        _reminder?.Dispose();
        _end?.Dispose();
        _reminder = null;
    }

    sealed partial class DependencyLines(string dependency, ILogger logger) : IOutageLines
    {
        public void Begin(string reason) => HasBegun(dependency, reason);

        public void GoOn(TimeSpan duration, string reason) => GoesOn(dependency, duration, reason);

        public void End(TimeSpan duration) => HasEnded(dependency, duration);

        [LoggerMessage(90, LogLevel.Warning, "{Dependency} cannot be reached: {Reason}. It is tried again until it can")]
        partial void HasBegun(string dependency, string reason);

        [LoggerMessage(91, LogLevel.Warning, "{Dependency} has not been reached for {Duration}: {Reason}")]
        partial void GoesOn(string dependency, TimeSpan duration, string reason);

        [LoggerMessage(92, LogLevel.Information, "{Dependency} is back after {Duration}")]
        partial void HasEnded(string dependency, TimeSpan duration);
    }
}

/// <summary>What is known of something that this process depends on.</summary>
/// <param name="IsAway">Whether it is away.</param>
/// <param name="Since">Since when it is, or is back; null if it never was away.</param>
/// <param name="LastReason">Why it is, or was away last, without the period of a sentence; null if it never was.</param>
/// <param name="Recoveries">How often it has come back.</param>
public sealed record OutageState(bool IsAway, DateTimeOffset? Since, string? LastReason, int Recoveries);

/// <summary>Writes the lines of an outage.</summary>
public interface IOutageLines
{
    /// <summary>Writes that it begins.</summary>
    /// <param name="reason">Why, without the period of a sentence.</param>
    void Begin(string reason);

    /// <summary>Writes that it goes on.</summary>
    /// <param name="duration">How long it has lasted, in whole seconds.</param>
    /// <param name="reason">Why, as far as is known now, without the period of a sentence.</param>
    void GoOn(TimeSpan duration, string reason);

    /// <summary>Writes that it has ended.</summary>
    /// <param name="duration">How long it has lasted, in whole seconds.</param>
    void End(TimeSpan duration);
}
