namespace Maestro.Bus.Persistence;

/// <summary>Carries signals between the processes that share a database.</summary>
interface IOutboxNotifications
{
    /// <summary>Tells the others of messages, until the end.</summary>
    Task Tell(CancellationToken cancellationToken);

    /// <summary>Listens to the others, until the end.</summary>
    /// <param name="heard">Has the partition that has new messages.</param>
    /// <param name="missed">Called when something may have been missed.</param>
    /// <param name="cancellationToken">Ends the listening.</param>
    Task Listen(Action<short> heard, Action missed, CancellationToken cancellationToken);
}
