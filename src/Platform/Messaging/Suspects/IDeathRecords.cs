namespace Maestro.Bus.Messaging;

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

    /// <summary>
    /// Finds out whether a process has ended without stopping in the last minutes, as <see cref="Find"/> does, and what is noted of a
    /// queue's messages.
    /// </summary>
    /// <param name="queue">The queue, or the topic and group.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>
    /// How many processes have ended while they handled a message alone, by the message's name, without those that none has ended with;
    /// null if no process has ended lately.
    /// </returns>
    Task<IReadOnlyDictionary<string, int>?> FindNoted(string queue, CancellationToken cancellationToken);

    /// <summary>Makes a suspect of a message, without a question to the database.</summary>
    /// <param name="queue">Its queue, or its topic and group.</param>
    /// <param name="message">What it is known by there through all its deliveries.</param>
    /// <param name="deaths">How many processes have ended while they handled it alone, from 0 on.</param>
    Suspect Suspect(string queue, string message, int deaths);

    /// <summary>Finds out whether a consumer has handled a message, by the bus's own inbox.</summary>
    /// <param name="message">The message's id.</param>
    /// <param name="consumer">What the inbox calls the consumer: <see cref="InboxNote"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<bool> IsHandled(Guid message, Guid consumer, CancellationToken cancellationToken);
}
