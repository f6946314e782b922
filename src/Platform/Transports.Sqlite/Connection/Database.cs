using System.Text;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>One connection to the file. Used by one thread at a time.</summary>
sealed class Database : IDisposable
{
    readonly List<Statement> _statements = [];
    readonly sqlite3 _handle;

    static Database() => Batteries_V2.Init();

    Database(string path, sqlite3 handle)
    {
        Path = path;
        _handle = handle;
    }

    public string Path { get; }

    /// <summary>Rows that the last statement inserted, changed or deleted.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>All the rows that this connection has ever changed.</summary>
    public int TotalChanges => raw.sqlite3_total_changes(_handle);

    public long LastInsertedId => raw.sqlite3_last_insert_rowid(_handle);

    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Takes the text of a parameter on its way into SQLite.</summary>
    public byte[] TextBuffer { get; set; } = new byte[4096];

    /// <exception cref="SqliteTransportException">The file cannot be opened.</exception>
    public static Database Open(string path, TimeSpan busyTimeout, bool readOnly = false)
    {
        var flags = (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE) | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        var database = new Database(path, handle);

        try
        {
            database.Check(code);
            raw.sqlite3_extended_result_codes(handle, 1);
            database.SetBusyTimeout(busyTimeout);
            return database;
        }
        catch (SqliteTransportException)
        {
            // The handle of a failed opening must be closed like any other.
            database.Dispose();
            throw;
        }
    }

    /// <summary>Sets how long a statement waits for another connection's lock.</summary>
    public void SetBusyTimeout(TimeSpan timeout) => raw.sqlite3_busy_timeout(_handle, (int)timeout.TotalMilliseconds);

    public Statement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement));
        var prepared = new Statement(this, statement);
        _statements.Add(prepared);
        return prepared;
    }

    /// <summary>Runs statements that return nothing of interest.</summary>
    public void Execute(string sql)
    {
        var rest = Encoding.UTF8.GetBytes(sql).AsSpan();

        while (!rest.IsEmpty)
        {
            Check(raw.sqlite3_prepare_v2(_handle, rest, out var statement, out var tail));
            rest = tail.ToArray();

            // White space and comments at the end make no statement.
            if (statement is null || statement.IsInvalid)
                return;

            using var prepared = new Statement(this, statement);
            while (prepared.Step())
            {
            }
        }
    }

    /// <summary>Prepares a statement that the caller disposes of.</summary>
    public Statement PrepareOnce(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var statement));
        return new Statement(this, statement);
    }

    public long Scalar(string sql)
    {
        using var prepared = PrepareOnce(sql);
        return prepared.Step() ? prepared.Long(0) : 0;
    }

    public string? Text(string sql)
    {
        using var prepared = PrepareOnce(sql);
        return prepared.Step() ? prepared.Text(0) : null;
    }

    /// <summary>Undoes the open transaction, if SQLite has not done so already.</summary>
    public void Rollback()
    {
        if (!InTransaction)
            return;

        foreach (var statement in _statements)
            statement.Reset();

        Execute("ROLLBACK");
    }

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
            throw SqliteTransportException.Of(Path, code, raw.sqlite3_errmsg(_handle).utf8_to_string());
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();

        _statements.Clear();
        _handle.Dispose();
    }
}
