namespace Maestro.Bus.Messaging;

/// <summary>
/// A message that was in work when a process ended without stopping. It is handled while nothing else of its process is in a consumer,
/// and what is noted here
/// survives the process.
/// </summary>
public abstract class Suspect
{
    /// <summary>How many processes may end while they handle the message alone. It is dead-lettered in place of the next attempt.</summary>
    public const int DeathLimit = 2;

    /// <summary>How many processes have ended while they handled the message alone.</summary>
    public abstract int Deaths { get; }

    /// <summary>Notes that this process handles the message alone from now on. Returns when the note is safe.</summary>
    public abstract Task Begin(CancellationToken cancellationToken);

    /// <summary>Notes that this process does not handle the message alone at present. It stays a suspect.</summary>
    public abstract Task Pause();

    /// <summary>Forgets the suspicion: the message was handled, has failed like any other, or is dead-lettered.</summary>
    public abstract Task Clear();
}
