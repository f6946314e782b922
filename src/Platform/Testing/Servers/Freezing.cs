using Microsoft.Data.Sqlite;

namespace Maestro.Bus.Testing;

/// <summary>Freezes processes that write to SQLite files.</summary>
public static class Freezing
{
    /// <summary>
    /// Freezes a process with SIGSTOP, outside its writes: SQLite keeps a file locked until a process that was frozen while it wrote goes
    /// on.
    /// </summary>
    /// <param name="process">The process; <c>CONT</c> has it go on.</param>
    /// <param name="files">The SQLite files that it writes to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task Freeze(this ServerProcess process, IReadOnlyCollection<string> files, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(files);

        while (true)
        {
            await process.Signal("STOP");
            try
            {
                foreach (var file in files)
                    await WriteNothing(file, cancellationToken);
                return;
            }
            catch (SqliteException)
            {
                // It was writing.
                await process.Signal("CONT");
            }
        }
    }

    /// <summary>
    /// Freezes a process with SIGSTOP within one of its writes, which keeps the file locked until the process goes on or ends.
    /// </summary>
    /// <param name="process">The process, which writes again and again; <c>CONT</c> has it go on.</param>
    /// <param name="file">The SQLite file that it writes to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="other">A file that it writes to as well, and that is not to be locked.</param>
    public static async Task FreezeWithinWrite(
        this ServerProcess process, string file, CancellationToken cancellationToken, string? other = null)
    {
        ArgumentNullException.ThrowIfNull(process);
        ArgumentNullException.ThrowIfNull(file);

        while (true)
        {
            await process.Signal("STOP");
            if (IsWriter(process.Id, file) && (other is null || !IsWriter(process.Id, other)) && await IsLocked())
                return;
            await process.Signal("CONT");
        }

        // A thread may have ended its write before the signal came to it; and others may write so much that there is no turn.
        async Task<bool> IsLocked()
        {
            try
            {
                await WriteNothing(file, cancellationToken, seconds: 5);
                return false;
            }
            catch (SqliteException)
            {
                return IsWriter(process.Id, file) && (other is null || !IsWriter(process.Id, other));
            }
        }
    }

    // Whoever writes has the lock on byte 120 of the log's index (WALINDEX_LOCK_OFFSET in SQLite's wal.c).
    static bool IsWriter(int process, string file) =>
        Directory.EnumerateFiles($"/proc/{process}/fd")
            .Where(handle => File.ResolveLinkTarget(handle, returnFinalTarget: false)?.Name == $"{Path.GetFileName(file)}-shm")
            .SelectMany(handle => File.ReadLines($"/proc/{process}/fdinfo/{Path.GetFileName(handle)}"))
            .Any(line => line.Contains(" WRITE ", StringComparison.Ordinal) && line.EndsWith(" 120 120", StringComparison.Ordinal));

    static async Task WriteNothing(string file, CancellationToken cancellationToken, int seconds = 1)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Default Timeout={seconds};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE; ROLLBACK";
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
