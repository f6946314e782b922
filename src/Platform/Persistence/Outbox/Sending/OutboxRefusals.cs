using System.Collections.Concurrent;

namespace Maestro.Bus.Persistence;

/// <summary>Remembers why destinations do not take what this host sends them from the outbox, as long as they do not.</summary>
sealed class OutboxRefusals
{
    // Destinations that are gone for good, such as those of responses, are not to add up.
    const int Most = 1_000;

    readonly ConcurrentDictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>Why a destination has refused the newest message; null if it has not, or another host sends to it.</summary>
    public string? Of(string destination) => _reasons.GetValueOrDefault(destination);

    /// <summary>A destination has refused a message.</summary>
    public void Refused(string destination, Exception exception)
    {
        if (_reasons.Count >= Most)
            _reasons.Clear();

        _reasons[destination] = exception.Message;
    }

    /// <summary>A destination has taken a message.</summary>
    public void Taken(string destination)
    {
        if (!_reasons.IsEmpty)
            _reasons.TryRemove(destination, out _);
    }
}
