namespace Maestro.Bus.Jobs;

/// <summary>What the two databases say differently.</summary>
sealed class JobSql(bool isPostgres)
{
    /// <summary>Clocks that are in order differ by less: milliseconds.</summary>
    public static long LargestDrift { get; } = (long)ClockDrift.Largest.TotalMilliseconds;

    /// <summary>Milliseconds since 1970 by the database's clock: the hosts' own may differ.</summary>
    public string Now { get; } = isPostgres
        ? "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
        : "CAST(unixepoch('subsec') * 1000 AS INTEGER)";

    /// <summary>Passes over rows that another transaction has; in SQLite there is no other.</summary>
    public string SkipLocked { get; } = isPostgres ? "FOR UPDATE SKIP LOCKED" : "";

    /// <summary>Waits for rows that another transaction has.</summary>
    public string Lock { get; } = isPostgres ? "FOR UPDATE" : "";
}
