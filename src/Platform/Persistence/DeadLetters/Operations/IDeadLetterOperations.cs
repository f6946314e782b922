namespace Maestro.Bus.Persistence;

/// <summary>
/// Does something about dead letters. Sending one again moves it: its row and the outbox's message change in one transaction, so that
/// whatever dies in between, it is in one place and not in two.
/// </summary>
public interface IDeadLetterOperations
{
    /// <summary>
    /// Does something with one dead letter. What is sent again is waited for, some seconds at most, until it has reached its queue; from
    /// then on the outbox goes on with it.
    /// </summary>
    /// <returns>What has come of it; null if the number is not known.</returns>
    /// <exception cref="DeadLetterStateException">It is in a state in which that cannot be done.</exception>
    Task<DeadLetterOutcome?> Apply(long id, DeadLetterAction action, CancellationToken cancellationToken);

    /// <summary>Sends an edited copy with an id of its own. The original stays, as edited.</summary>
    /// <returns>The copy's message id; none where the number is not known.</returns>
    /// <exception cref="DeadLetterStateException">Something has been done about it before.</exception>
    Task<Guid?> Edit(long id, DeadLetterEdit edit, CancellationToken cancellationToken);

    /// <summary>Begins to do something with all dead letters that a filter means at this moment.</summary>
    Task<DeadLetterOperation> Begin(DeadLetterFilter filter, DeadLetterAction action, CancellationToken cancellationToken);

    /// <summary>The newest operations.</summary>
    Task<IReadOnlyList<DeadLetterOperation>> List(int limit, CancellationToken cancellationToken);

    /// <summary>Finds an operation; none where the number is not known.</summary>
    Task<DeadLetterOperation?> Find(long id, CancellationToken cancellationToken);

    /// <summary>Stops an operation after the batch at hand.</summary>
    /// <returns>Whether it was running.</returns>
    Task<bool> Stop(long id, CancellationToken cancellationToken);

    /// <summary>Has a stopped operation go on where it was stopped.</summary>
    /// <returns>Whether it was stopped.</returns>
    Task<bool> Resume(long id, CancellationToken cancellationToken);
}

/// <summary>A dead letter is in a state in which something cannot be done with it.</summary>
public sealed class DeadLetterStateException(string message) : Exception(message);
