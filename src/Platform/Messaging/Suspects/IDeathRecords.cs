namespace MaestroBus.Messaging;

/// <summary>Says that something in the host asks <see cref="IDeathRecords"/>; <see cref="BusBuilder.CountDeaths"/> registers it.</summary>
public sealed class CountedDeaths;

/// <summary>
/// Counts processes that have ended without stopping, and what they handled alone; a service of a host that has a database.
/// </summary>
public interface IDeathRecords
{
    /// <summary>
    /// Finds out whether a message that was delivered before was in work when a process ended. Waits, up to some seconds, until it is
    /// certain of each process
    /// whether it lives.
    /// </summary>
    /// <param name="queue">Its queue, or its topic and group.</param>
    /// <param name="message">What it is known by there through all its deliveries.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The message as a suspect; null where no process has ended lately.</returns>
    Task<Suspect?> Find(string queue, string message, CancellationToken cancellationToken);

    /// <summary>Finds out whether a process has ended without stopping in the last minutes, as <see cref="Find"/> does.</summary>
    Task<bool> HasDeath(CancellationToken cancellationToken);
}
