namespace Maestro.Bus.Messaging;

/// <summary>
/// Bounds the bytes of all request bodies that are being read and worked on at a time. A body beyond it waits in turn until others are
/// done. Callers without an identity have half of the room, so that they never keep out those that have one. Small bodies always find room.
/// </summary>
sealed class BodyRoom(HttpSettings settings, TimeProvider time)
{
    /// <summary>How many bytes are always let in: as many as a body's first buffer has.</summary>
    public const int Small = 16 * 1024;

    /// <summary>How long a body waits at most.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    readonly LinkedList<Waiter> _waiting = [];
    long _taken;
    long _takenUnknown;

    /// <summary>The bytes that are taken.</summary>
    public long Taken
    {
        get
        {
            lock (_lock)
                return _taken;
        }
    }

    /// <summary>Makes a place for a body, which takes nothing yet.</summary>
    /// <param name="isKnown">Whether its caller has an identity.</param>
    public BodyPlace Enter(bool isKnown) => new(this, isKnown);

    /// <summary>Takes room for a body up to a size, waiting if there is none.</summary>
    /// <returns>Whether there was room in time.</returns>
    internal async ValueTask<bool> Extend(BodyPlace place, long size, CancellationToken cancellationToken)
    {
        // One that is larger than the room has it for itself.
        var more = size <= Small ? 0 : Math.Min(size, Limit(place.IsKnown)) - place.Size;
        if (more <= 0)
            return true;

        var waiter = new Waiter(place, more);
        lock (_lock)
        {
            // Small ones behind a large one would keep it waiting for ever.
            if (_waiting.All(other => other.Place.IsKnown != place.IsKnown) && TryTake(waiter))
                return true;

            _waiting.AddLast(waiter);
        }

        try
        {
            await waiter.Let.Task.WaitAsync(Patience, time, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            lock (_lock)
            {
                // It may have been let in at this moment; it is let out with its request then.
                if (!_waiting.Remove(waiter) && exception is TimeoutException)
                    return true;

                LetIn();
            }

            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>Gives back what a place has taken, and lets those in that wait for it.</summary>
    internal void Leave(BodyPlace place)
    {
        lock (_lock)
        {
            _taken -= place.Size;
            if (!place.IsKnown)
                _takenUnknown -= place.Size;
            place.Size = 0;
            LetIn();
        }
    }

    // Under the lock. In turn; those without an identity may have to wait longer than those behind them that have one.
    void LetIn()
    {
        foreach (var isKnown in (bool[])[true, false])
        {
            while (_waiting.FirstOrDefault(waiter => waiter.Place.IsKnown == isKnown) is { } first && TryTake(first))
            {
                _waiting.Remove(first);
                first.Let.SetResult();
            }
        }
    }

    long Limit(bool isKnown) => isKnown ? settings.MaxBodiesSize : settings.MaxBodiesSize / 2;

    // Under the lock.
    bool TryTake(Waiter waiter)
    {
        var (place, more) = (waiter.Place, waiter.More);
        if (_taken + more > Limit(true) || (!place.IsKnown && _takenUnknown + more > Limit(false)))
            return false;

        _taken += more;
        if (!place.IsKnown)
            _takenUnknown += more;
        place.Size += more;
        return true;
    }

    sealed record Waiter(BodyPlace Place, long More)
    {
        public TaskCompletionSource Let { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
