namespace Maestro.Bus.Messaging;

/// <summary>
/// Counts something that can happen as often as others like: the first is told at once, those after it once a minute with their number, the
/// last of them within a minute.
/// </summary>
/// <param name="time">Measures the minute.</param>
/// <param name="tell">Writes the line; its parameter is how many there were since the line before.</param>
public sealed class CountAMinute(TimeProvider time, Action<int> tell) : IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    ITimer? _timer;
    int _untold;

    /// <summary>Counts one more.</summary>
    public void Add()
    {
        lock (_lock)
        {
            _untold++;
            if (_timer is not null)
                return;

            Tell();
            _timer = time.CreateTimer(_ => TellRest(), null, Interval, Interval);
        }
    }

    /// <summary>Ends without a line about the rest.</summary>
    public void Dispose()
    {
        lock (_lock)
            End();
    }

    void TellRest()
    {
        lock (_lock)
        {
            if (_untold > 0)
                Tell();
            else
                End();
        }
    }

    void Tell()
    {
        tell(_untold);
        _untold = 0;
    }

    void End()
    {
        _timer?.Dispose();
        _timer = null;
    }
}
