using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Has a query of Entity Framework's lock the rows that it reads. A query with a tag can be compiled once, and one from SQL cannot: reading
/// an expression anew for each message costs as much as running it.
/// </summary>
static class RowLock
{
    public const string Tag = "FOR UPDATE";
    const string Prefix = $"-- {Tag}";

    /// <summary>Whether a context's queries are seen by what appends the lock.</summary>
    public static bool IsKnown(DbContext context) => OutboxBatchExecutor.Of(context) is not null;

    public static void Append(DbCommand query)
    {
        if (query.CommandText.StartsWith(Prefix, StringComparison.Ordinal))
            query.CommandText += $"\n{Tag}";
    }
}
