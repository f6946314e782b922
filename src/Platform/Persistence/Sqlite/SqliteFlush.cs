namespace Maestro.Bus.Persistence;

/// <summary>
/// Puts the commits of an SQLite file in WAL mode on the disk, with one flush all that have come together. A connection with
/// <c>synchronous = NORMAL</c> appends its commit to the log and leaves it to the system, so that the next can write at once; it must be
/// waited for here before anybody is told of it. The log is written in the order of the commits: what a commit has read from an earlier
/// one is on the disk before it.
/// </summary>
/// <param name="flush">Puts all on the disk that is in the log.</param>
sealed class SqliteFlush(Action flush)
{
    readonly Lock _lock = new();
    Task _running = Task.CompletedTask;
    Task? _next;
    int _count;

    /// <summary>Gets how often it was flushed.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <param name="path">The database's file.</param>
    public SqliteFlush(string path)
        : this(() => FlushLog($"{path}-wal"))
    {
    }

    /// <summary>Completes when what was committed before the call is on the disk.</summary>
    /// <exception cref="IOException">It cannot be put there: the commit is there for all who read, and lost with the machine's
    /// power.</exception>
    public Task Flush()
    {
        lock (_lock)
            return _next ??= Begin(_running);
    }

    Task Begin(Task running) => Task.Run(async () =>
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Whoever commits from now on may be too late for this one.
        lock (_lock)
            (_running, _next) = (_next!, null);
        Interlocked.Increment(ref _count);
        flush();
    });

    static void FlushLog(string path)
    {
        try
        {
            using var log = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(log);
        }
        catch (FileNotFoundException)
        {
            // The last connection has been closed, and with it SQLite has put all of the log into the database.
        }
    }
}
