namespace Maestro.Bus.Scheduling;

/// <summary>
/// Runs code of this process by a cron expression, in memory: nothing is kept, other processes know nothing of it, and a run that takes
/// longer than the time to the next one lets that one pass. For work that must not be missed or doubled, declare a schedule.
/// </summary>
public sealed class LightCron : IDisposable
{
    // A clock that is put right, or was wrong, is noticed within that time.
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    readonly IOccurrences _occurrences;
    readonly string _times;
    readonly Func<CancellationToken, Task> _work;
    readonly Action<Exception>? _onFailure;
    readonly TimeProvider _time;
    CancellationTokenSource? _running;
    ITimer? _timer;
    DateTimeOffset? _next;
    DateTimeOffset _armedAt;
    bool _isDestroyed;
    int _isBusy;

    /// <summary>Makes one, which does nothing yet.</summary>
    /// <param name="expression">A cron expression of five fields, or of six with seconds first; 0 and 7 are Sunday, 1 is Monday.</param>
    /// <param name="work">What it runs. The token ends with <see cref="Stop"/>.</param>
    /// <param name="time">The clock.</param>
    /// <param name="timeZone">The IANA name of the time zone that the expression is read in; universal time without it.</param>
    /// <param name="onFailure">Hears of what the work throws; the next run comes nevertheless. Hears, too, of a fault in the search for the
    /// next run, after which none comes.</param>
    /// <exception cref="FormatException">The expression is not valid.</exception>
    /// <exception cref="TimeZoneNotFoundException">This machine does not know the time zone.</exception>
    public LightCron(string expression, Func<CancellationToken, Task> work, TimeProvider time, string timeZone = "UTC",
        Action<Exception>? onFailure = null)
        : this(
            new CronOccurrences(Cron.Parse(expression), TimeZones.Find(timeZone), DaylightSavingRule.Adjust), $"{expression}, {timeZone}",
            work, time, onFailure)
    {
    }

    internal LightCron(
        IOccurrences occurrences, string times, Func<CancellationToken, Task> work, TimeProvider time, Action<Exception>? onFailure) =>
        (_occurrences, _times, _work, _time, _onFailure) = (occurrences, times, work, time, onFailure);

    /// <summary>When it runs next; none while it is stopped.</summary>
    public DateTimeOffset? Next
    {
        get
        {
            lock (_lock)
                return _next;
        }
    }

    /// <summary>Begins to run. Once it has begun, it changes nothing.</summary>
    /// <exception cref="ObjectDisposedException">It has been destroyed.</exception>
    /// <exception cref="InvalidOperationException">The search for its first run has found a time that is not later.</exception>
    public void Start()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDestroyed, this);
            if (_running is not null)
                return;

            _timer ??= _time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Arm(_time.GetUtcNow());
            _running = new CancellationTokenSource();
        }
    }

    /// <summary>Runs no more until it is started again, and cancels what is running.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _next = null;
            _running?.Cancel();
            _running?.Dispose();
            _running = null;
        }
    }

    /// <summary>Ends it for good.</summary>
    public void Destroy()
    {
        Stop();
        lock (_lock)
        {
            _isDestroyed = true;
            _timer?.Dispose();
            _timer = null;
        }
    }

    /// <inheritdoc cref="Destroy" />
    public void Dispose() => Destroy();

    void Arm(DateTimeOffset after)
    {
        (_armedAt, _next) = (after, null);
        if (_occurrences.Next(after) is { } next)
            _next = next > after ? next : throw Timetable.NotLater(next, after, nameof(LightCron), _times);

        Wait();
    }

    // Nobody catches what a timer throws.
    Exception? TryArm(DateTimeOffset after)
    {
        try
        {
            Arm(after);
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }
    }

    void Wait()
    {
        if (_next is not { } next)
            return;

        var wait = next - _time.GetUtcNow();
        _timer?.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait, Timeout.InfiniteTimeSpan);
    }

    void Ring()
    {
        CancellationToken token;
        Exception? fault = null;
        var isDue = false;
        lock (_lock)
        {
            if (_running is null || _next is not { } due)
                return;

            var now = _time.GetUtcNow();
            if (due > now)
            {
                // The clock was ahead, and is put right: what it waits for may be days away.
                if (_armedAt - now > LongestWait)
                    fault = TryArm(now);
                else
                    Wait();
            }
            else
            {
                fault = TryArm(now);
                isDue = true;
            }

            token = _running.Token;
        }

        if (fault is not null)
            _onFailure?.Invoke(fault);
        if (!isDue)
            return;

        if (Interlocked.Exchange(ref _isBusy, 1) == 0)
            _ = Run(token);
    }

    async Task Run(CancellationToken token)
    {
        try
        {
            await _work(token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            // It has been stopped.
        }
        catch (Exception exception)
        {
            _onFailure?.Invoke(exception);
        }
        finally
        {
            Volatile.Write(ref _isBusy, 0);
        }
    }
}
