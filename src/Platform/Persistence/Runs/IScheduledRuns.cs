using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Knows the runs of schedules. Whoever goes on with a run's work after its message is handled tells it how that ended, in the transaction
/// that ends it.
/// </summary>
public interface IScheduledRuns
{
    /// <summary>Notes how runs have ended.</summary>
    Task End(DbConnection connection, DbTransaction? transaction, IReadOnlyList<ScheduledRunEnd> ends, CancellationToken cancellationToken);
}
