using System.Diagnostics;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// Keeps the file and its log small. Works in short pieces, and only while nothing else is to be written. Used on the writer's thread.
/// </summary>
sealed class Housekeeping(Database database, TimeSpan busyTimeout)
{
    /// <summary>How many unused pages may stay in the file, for the next messages.</summary>
    const int SparePages = 256;

    const int PagesAtOnce = 256;
    /// <summary>The log's size while messages flow, in bytes.</summary>
    public const int LargestLog = 32 << 20;

    const int LargestIdleLog = 1 << 20;

    static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    long _lastWrite = Stopwatch.GetTimestamp();
    bool _isDone;

    public void Written()
    {
        _lastWrite = Stopwatch.GetTimestamp();
        _isDone = false;
    }

    /// <returns>Whether there is more to do.</returns>
    public bool Work(out TimeSpan wait)
    {
        wait = Timeout.InfiniteTimeSpan;
        if (_isDone)
            return false;

        var quiet = Stopwatch.GetElapsedTime(_lastWrite);
        if (quiet < Quiet)
        {
            wait = Quiet - quiet;
            return false;
        }

        if (database.Scalar("PRAGMA freelist_count") > SparePages)
        {
            database.Execute($"PRAGMA incremental_vacuum({PagesAtOnce})");
            return true;
        }

        CutLog();
        _isDone = true;
        return false;
    }

    /// <summary>Cuts the log down, but not to nothing: what is left lets consumers go on when the disk is full.</summary>
    void CutLog()
    {
        var log = new FileInfo($"{database.Path}-wal");
        if (!log.Exists || log.Length <= LargestIdleLog)
            return;

        // A reader may be using the log; waiting for it would keep senders waiting. SQLite cuts the log when it begins anew.
        database.Execute($"""
            PRAGMA busy_timeout = 0;
            PRAGMA journal_size_limit = {LargestIdleLog};
            PRAGMA wal_checkpoint(RESTART);
            PRAGMA busy_timeout = {(int)busyTimeout.TotalMilliseconds};
            UPDATE meta SET probes = probes + 1;
            PRAGMA journal_size_limit = {LargestLog};
            """);
    }
}
