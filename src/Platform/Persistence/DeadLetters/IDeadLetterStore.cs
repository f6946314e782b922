namespace Maestro.Bus.Persistence;

/// <summary>The dead letters of all queues and topics, in the bus's database.</summary>
public interface IDeadLetterStore : IDeadLetterIntake
{
    /// <summary>Lists dead letters, the newest first.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="before">Only those with a number below this one, which is how the next page is asked for; none for the first
    /// page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<StoredDeadLetter>> List(DeadLetterFilter filter, long? before, int limit, CancellationToken cancellationToken);

    /// <summary>How many dead letters there are.</summary>
    Task<long> Count(DeadLetterFilter filter, CancellationToken cancellationToken);

    /// <summary>Finds one with everything; none where the number is not known.</summary>
    Task<DeadLetterContent?> Find(long id, CancellationToken cancellationToken);

    /// <summary>
    /// Reads dead letters with everything, in the order of their numbers, a few at a time: there may be more than memory holds. They come
    /// after the number
    /// <paramref name="after"/>; 0 for all.
    /// </summary>
    IAsyncEnumerable<DeadLetterContent> Read(DeadLetterFilter filter, long after, CancellationToken cancellationToken);

    /// <summary>The groups, the largest first.</summary>
    Task<IReadOnlyList<DeadLetterGroup>> Groups(DeadLetterFilter filter, int limit, CancellationToken cancellationToken);

    /// <summary>Counts by group, queue and tenant over stretches of time.</summary>
    Task<IReadOnlyList<DeadLetterCount>> Report(DeadLetterFilter filter, TimeSpan stretch, int limit, CancellationToken cancellationToken);
}
