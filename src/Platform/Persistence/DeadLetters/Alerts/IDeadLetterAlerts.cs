namespace Maestro.Bus.Persistence;

/// <summary>Which groups of dead letters somebody must be told of. The database remembers it, so that of several hosts one tells.</summary>
public interface IDeadLetterAlerts
{
    /// <summary>Takes the groups that are due, for this host alone until the lease is over.</summary>
    /// <param name="quiet">How long a group that has been told of stays quiet, however many more come.</param>
    /// <param name="lease">How long other hosts leave them to this one.</param>
    /// <param name="limit">How many groups at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<DeadLetterArrival>> Claim(TimeSpan quiet, TimeSpan lease, int limit, CancellationToken cancellationToken);

    /// <summary>Remembers that somebody has been told of them.</summary>
    Task Told(IReadOnlyList<DeadLetterArrival> arrivals, CancellationToken cancellationToken);
}
