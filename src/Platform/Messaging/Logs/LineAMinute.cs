namespace Maestro.Bus.Messaging;

/// <summary>Lets a log have one line a minute of something that can happen as often as others like.</summary>
public sealed class LineAMinute(TimeProvider time)
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    DateTimeOffset? _last;
    int _untold;

    /// <summary>Gets whether the last line was less than a minute ago.</summary>
    public bool IsQuiet
    {
        get
        {
            lock (_lock)
                return IsWithin(time.GetUtcNow());
        }
    }

    /// <summary>Tells whether a line is due.</summary>
    /// <param name="untold">How many occurrences since the last line had none, if one is due now.</param>
    public bool IsDue(out int untold)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            untold = _untold;

            if (IsWithin(now))
            {
                _untold++;
                return false;
            }

            (_last, _untold) = (now, 0);
            return true;
        }
    }

    bool IsWithin(DateTimeOffset now) => _last is { } last && now - last < Interval && now >= last;
}
