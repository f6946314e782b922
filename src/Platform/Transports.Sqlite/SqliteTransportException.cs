namespace Maestro.Bus.Transports.Sqlite;

/// <summary>The bus's file cannot be read or written. The message names the file, the cause and what to do.</summary>
public sealed class SqliteTransportException : Exception
{
    internal SqliteTransportException(string message, int code, bool isRefusal = false, string? reason = null)
        : base(message)
    {
        Reason = reason ?? message;
        Code = code & 0xFF;
        IsRefusal = isRefusal;
    }

    /// <summary>SQLite's primary result code, such as 13 for a full disk.</summary>
    public int Code { get; }

    /// <summary>The cause and what to do, for a line that names the file.</summary>
    internal string Reason { get; }

    /// <summary>
    /// Whether the cause lies outside of what was asked for, so that everything else that is written fails alike until somebody has removed
    /// it.
    /// </summary>
    internal bool IsEnvironmental =>
        !IsRefusal && Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_CORRUPT
            or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_NOTADB or raw.SQLITE_NOMEM or raw.SQLITE_PERM;

    /// <summary>Whether an operation was refused before it had written anything, for a reason of its own.</summary>
    internal bool IsRefusal { get; }

    internal static SqliteTransportException NoQueue(string path, string queue) =>
        new($"The queue {queue} does not exist in {path}. Start the endpoint that receives from it, or correct the address.",
            raw.SQLITE_NOTFOUND, isRefusal: true);

    internal static SqliteTransportException TooLarge(string path, int megabytes) => new(
        $"The bus's file {path} has grown to the {megabytes} MB that Bus:Sqlite:MaxSize allows. Let consumers make room, or raise "
            + "the setting.", raw.SQLITE_FULL, isRefusal: true);

    internal static SqliteTransportException Of(string path, int code, string detail)
    {
        var cause = (code & 0xFF) switch
        {
            raw.SQLITE_FULL => "The disk is full. Free some space: the bus goes on by itself.",
            raw.SQLITE_READONLY => "It is read-only. Let the bus's user write to it and to its directory.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "Another program has locked it. End that program, or raise Bus:Sqlite:BusyTimeout.",
            raw.SQLITE_CORRUPT => "It is corrupt. Move it away to start with an empty one, or restore it from a backup.",
            raw.SQLITE_NOTADB => "It is not a database. Name another file in Bus:Sqlite:Path, or move this one away.",
            raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => "It cannot be opened. Let the bus's user read and write it and its directory.",
            raw.SQLITE_IOERR => "The disk reports an error. Look at the disk; Bus:Sqlite:Path must be on a local one.",
            raw.SQLITE_TOOBIG =>
                "A message is larger than the one gigabyte that a row can hold. Keep the data elsewhere, and send a reference to it.",
            _ => "See the detail for what to do.",
        };

        return new SqliteTransportException(
            $"The bus cannot use its file {path}. {cause} (SQLite {code}: {detail})", code,
            reason: $"{char.ToLowerInvariant(cause[0])}{cause[1..].TrimEnd('.')} (SQLite {code}: {detail})");
    }
}
