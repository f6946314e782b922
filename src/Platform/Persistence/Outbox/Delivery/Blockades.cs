namespace Maestro.Bus.Persistence;

/// <summary>
/// The destinations that have refused a message. What comes for them is parked, so that the others go on, until the parked ones have been
/// sent: then the order is what it was.
/// </summary>
sealed class Blockades(OutboxSettings settings, TimeProvider time)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, Blockade> _blockades = new(StringComparer.Ordinal);

    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _blockades.Count == 0;
        }
    }

    /// <summary>Whether a message for a destination has to be parked; then <see cref="Parked"/> must say when it has been.</summary>
    public bool TryHold(string destination)
    {
        lock (_lock)
        {
            if (!_blockades.TryGetValue(destination, out var blockade))
                return false;

            blockade.BeingParked++;
            // It takes messages, only not all of them: the others need not wait for the next attempt at those.
            if (blockade.IsOpen)
                blockade.Due = time.GetTimestamp();

            return true;
        }
    }

    /// <summary>A destination has refused a message, which has to be parked.</summary>
    public Blockade Refused(string destination)
    {
        lock (_lock)
        {
            if (!_blockades.TryGetValue(destination, out var blockade))
                _blockades[destination] = blockade = New(destination, time.GetTimestamp() + Ticks(settings.FirstRetryDelay));

            blockade.BeingParked++;
            return blockade;
        }
    }

    /// <summary>A destination has messages that were parked before this dispatcher had its partition.</summary>
    public void Adopt(string destination)
    {
        lock (_lock)
        {
            if (!_blockades.ContainsKey(destination))
                _blockades[destination] = New(destination, time.GetTimestamp());
        }
    }

    public void Parked(string destination)
    {
        lock (_lock)
        {
            if (_blockades.TryGetValue(destination, out var blockade))
                blockade.BeingParked--;
        }
    }

    /// <summary>The blockades that it is time to try.</summary>
    public List<Blockade> Due()
    {
        lock (_lock)
            return [.. _blockades.Values.Where(blockade => blockade.Due <= time.GetTimestamp())];
    }

    /// <summary>A destination takes messages again.</summary>
    public void Opened(Blockade blockade)
    {
        lock (_lock)
        {
            blockade.IsOpen = true;
            blockade.Delay = settings.FirstRetryDelay;
            blockade.Due = time.GetTimestamp();
        }
    }

    /// <summary>A destination has refused everything: it is left alone for longer.</summary>
    /// <param name="blockade">The destination.</param>
    /// <param name="isClosed">Whether it has refused messages that it had not been tried with before; otherwise the fault may be
    /// theirs.</param>
    public void Confirmed(Blockade blockade, bool isClosed)
    {
        lock (_lock)
        {
            blockade.IsOpen &= !isClosed;
            blockade.Due = time.GetTimestamp() + Ticks(blockade.Delay);
            blockade.Delay = blockade.Delay * 2 < settings.MaxRetryDelay ? blockade.Delay * 2 : settings.MaxRetryDelay;
            blockade.Failures++;
        }
    }

    /// <summary>Lifts a blockade that has nothing parked any more, unless something is just being parked.</summary>
    public bool TryLift(Blockade blockade)
    {
        lock (_lock)
            return blockade.BeingParked == 0 && _blockades.Remove(blockade.Destination);
    }

    Blockade New(string destination, long due) => new(destination, settings.FirstRetryDelay, due, new LineAMinute(time));

    long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);
}

/// <summary>A destination that refuses messages.</summary>
sealed class Blockade(string destination, TimeSpan delay, long due, LineAMinute line)
{
    public string Destination => destination;

    /// <summary>Whether the log is due to be told that it still refuses messages.</summary>
    public LineAMinute Line => line;

    /// <summary>When it is tried next.</summary>
    public long Due { get; set; } = due;

    public TimeSpan Delay { get; set; } = delay;

    /// <summary>How many messages are on their way to being parked.</summary>
    public int BeingParked { get; set; }

    /// <summary>How many attempts in a row found it closed.</summary>
    public int Failures { get; set; }

    /// <summary>Whether it has taken something since it was blocked.</summary>
    public bool IsOpen { get; set; }
}
