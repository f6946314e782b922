namespace MaestroBus.Transports.Sqlite;

/// <summary>The bus's file cannot be read or written. The message names the file, the cause and what to do.</summary>
public sealed class SqliteTransportException : Exception
{
    internal SqliteTransportException(string message, int code = raw.SQLITE_ERROR)
        : base(message) => Code = code & 0xFF;

    /// <summary>SQLite's primary result code, such as 13 for a full disk.</summary>
    public int Code { get; }

    /// <summary>Whether the cause lies outside of what was asked for, so that everything else that is written fails alike until somebody has removed it.</summary>
    internal bool IsEnvironmental => Code is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_CORRUPT
        or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_NOTADB or raw.SQLITE_NOMEM or raw.SQLITE_PERM;

    internal static SqliteTransportException Of(string path, int code, string detail)
    {
        var cause = (code & 0xFF) switch
        {
            raw.SQLITE_FULL => "The disk is full, or the file has grown to Bus:Sqlite:MaxSize. Make room: the bus goes on by itself.",
            raw.SQLITE_READONLY => "It is read-only. Let the bus's user write to it and to its directory.",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "Another program has locked it. End that program, or raise Bus:Sqlite:BusyTimeout.",
            raw.SQLITE_CORRUPT => "It is corrupt. Move it away to start with an empty one, or restore it from a backup.",
            raw.SQLITE_NOTADB => "It is not a database. Name another file in Bus:Sqlite:Path, or move this one away.",
            raw.SQLITE_CANTOPEN or raw.SQLITE_PERM => "It cannot be opened. Let the bus's user read and write it and its directory.",
            raw.SQLITE_IOERR => "The disk reports an error. Look at the disk; Bus:Sqlite:Path must be on a local one.",
            raw.SQLITE_TOOBIG => "A message is larger than the one gigabyte that a row can hold. Keep the data elsewhere, and send a reference to it.",
            _ => "See the detail for what to do.",
        };

        return new SqliteTransportException($"The bus cannot use its file {path}. {cause} (SQLite {code}: {detail})", code);
    }
}
