using System.Collections.Concurrent;

namespace Maestro.Bus.Persistence;

/// <summary>Remembers what of the outbox does not work at the moment, and since when.</summary>
sealed class OutboxCondition(TimeProvider time)
{
    // One failure is not worth a restart of traffic: readings and renewals are tried again every second.
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    readonly ConcurrentDictionary<object, (DateTimeOffset Since, string Problem)> _failing = [];
    Func<string?> _stuck = () => null;

    /// <summary>Gets a sentence about what has failed for longer than a few seconds, or null.</summary>
    public string? Problem
    {
        get
        {
            var longest = _failing.Values.Order().FirstOrDefault();
            return longest.Problem is { } problem && time.GetUtcNow() - longest.Since >= Grace ? problem : _stuck();
        }
    }

    /// <summary>Asks from now on whether the outbox advances.</summary>
    /// <param name="stuck">Returns a sentence about what does not, or null.</param>
    public void Watch(Func<string?> stuck) => _stuck = stuck;

    /// <summary>Notes that an activity works.</summary>
    public void Works(object activity) => _failing.TryRemove(activity, out _);

    /// <summary>Notes that an activity has failed.</summary>
    /// <param name="activity">What has failed, the same object each time.</param>
    /// <param name="what">It in words, such as "The outbox could not be read".</param>
    /// <param name="exception">Why.</param>
    public void Fails(object activity, string what, Exception exception)
    {
        var problem = $"{what}: {exception.GetBaseException().Message}";
        _failing.AddOrUpdate(activity, _ => (time.GetUtcNow(), problem), (_, known) => (known.Since, problem));
    }
}
