namespace Maestro.Bus.Scheduling;

/// <summary>
/// Keeps what could not be fired from being tried with every sweep: the second time it rests for one interval, then for two, and so on up
/// to a minute. For one sweep at a time.
/// </summary>
sealed class Rests(TimeSpan interval, TimeProvider time)
{
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    readonly Dictionary<object, (int Failures, long Since)> _failed = [];

    /// <summary>Tells whether something is not to be tried yet.</summary>
    public bool IsResting(object key) =>
        _failed.TryGetValue(key, out var failed) && time.GetElapsedTime(failed.Since) < After(failed.Failures);

    /// <summary>Notes that something could not be fired.</summary>
    public void Failed(object key) => _failed[key] = (_failed.GetValueOrDefault(key).Failures + 1, time.GetTimestamp());

    /// <summary>Notes that something was fired.</summary>
    public void Fired(object key) => _failed.Remove(key);

    /// <summary>Forgets what has not been tried for long after its rest: it has been cancelled or deleted.</summary>
    public void Forget()
    {
        foreach (var (key, failed) in _failed)
        {
            if (time.GetElapsedTime(failed.Since) > 10 * Longest)
                _failed.Remove(key);
        }
    }

    TimeSpan After(int failures) => TimeSpan.FromTicks(Math.Min((failures - 1) * interval.Ticks, Longest.Ticks));
}
