using System.Text;

namespace Maestro.Bus.Transports.Sqlite;

/// <summary>
/// A prepared statement, straight on SQLite: no command, parameter or reader objects per call. Parameters count from 1, columns from 0.
/// </summary>
sealed class Statement(Database database, sqlite3_stmt statement) : IDisposable
{
    public Statement Bind(int index, long value)
    {
        raw.sqlite3_bind_int64(statement, index, value);
        return this;
    }

    public Statement Bind(int index, long? value) => value is { } number ? Bind(index, number) : Null(index);

    public Statement Bind(int index, Guid? value)
    {
        if (value is not { } id)
            return Null(index);

        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        raw.sqlite3_bind_blob(statement, index, bytes);
        return this;
    }

    public Statement Bind(int index, string? value)
    {
        if (value is null)
            return Null(index);

        var longest = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (database.TextBuffer.Length < longest)
            database.TextBuffer = new byte[longest * 2];

        var length = Encoding.UTF8.GetBytes(value, database.TextBuffer);
        raw.sqlite3_bind_text(statement, index, database.TextBuffer.AsSpan(0, length));
        return this;
    }

    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        // SQLite takes a blob without an address for NULL.
        if (value.IsEmpty)
            raw.sqlite3_bind_zeroblob(statement, index, 0);
        else
            database.Check(raw.sqlite3_bind_blob(statement, index, value));
        return this;
    }

    /// <summary>Moves to the next row.</summary>
    /// <returns>Whether there is one; when there is none, the statement is ready for the next run.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
            return true;

        try
        {
            database.Check(code);
        }
        finally
        {
            raw.sqlite3_reset(statement);
        }

        return false;
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    /// <returns>The number of rows it has changed.</returns>
    public int Run()
    {
        Step();
        return database.Changes;
    }

    /// <summary>Runs a statement that returns no rows, unless another connection has the lock that it needs.</summary>
    /// <returns>Whether it has run.</returns>
    public bool TryRun()
    {
        var code = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        if ((code & 0xFF) == raw.SQLITE_BUSY)
            return false;

        database.Check(code);
        return true;
    }

    /// <summary>Runs a query and returns the first column of its only row; none when there is no row or it holds nothing.</summary>
    public long? Value()
    {
        if (!Step())
            return null;

        var value = LongOrNull(0);
        Reset();
        return value;
    }

    public void Reset() => raw.sqlite3_reset(statement);

    public long Long(int column) => raw.sqlite3_column_int64(statement, column);

    public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);

    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, column));

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public Guid? Id(int column) => IsNull(column) ? null : new Guid(raw.sqlite3_column_blob(statement, column), bigEndian: true);

    public void Dispose() => statement.Dispose();

    bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    Statement Null(int index)
    {
        raw.sqlite3_bind_null(statement, index);
        return this;
    }
}
