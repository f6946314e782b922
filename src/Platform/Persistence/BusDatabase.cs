using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>The database that the domains of this process keep their state in.</summary>
public sealed class BusDatabase : IAsyncDisposable
{
    static readonly string EndFrozen = FrozenTransaction.EndsAfter(seconds: 10);

    static readonly SqliteInboxInterceptor Inbox = new();

    readonly DatabaseSettings _settings;
    readonly string _sqlite;
    readonly SqliteWriters _writers = new();
    readonly ReadOnlySessions _readOnly;
    readonly bool _ownsSource = true;

    /// <param name="settings">Which database it is.</param>
    /// <param name="path">The absolute path of the file, if it is an SQLite database.</param>
    /// <param name="tls">How connections to PostgreSQL are encrypted; null if that is left to the connection string.</param>
    internal BusDatabase(DatabaseSettings settings, string path, TlsClient? tls = null)
    {
        _settings = settings;
        _readOnly = new ReadOnlySessions(this);
        Tls = tls;
        Path = path;
        _sqlite = new SqliteConnectionStringBuilder { DataSource = Path, ForeignKeys = true }.ToString();

        Name = $"The database {Path}";
        if (settings.Provider == DatabaseProvider.PostgreSql)
        {
            var connection = new NpgsqlConnectionStringBuilder(ConnectionString(settings.ConnectionString!, settings));
            Name = $"PostgreSQL at {connection.Host}:{connection.Port}";
            DataSource = Source(connection.ConnectionString, tls);
        }
        else
            DataFolder.CreateDatabase(Path);
    }

    /// <param name="settings">How the outbox and the inbox work.</param>
    /// <param name="context">The context whose database it is.</param>
    internal BusDatabase(DatabaseSettings settings, ContextDatabase context)
    {
        _settings = settings;
        _readOnly = new ReadOnlySessions(this);
        IsOfContext = true;
        Path = context.Provider == DatabaseProvider.Sqlite ? context.Path : "";
        _sqlite = context.ConnectionString ?? "";
        Name = $"The database of {context.Context.Name}, {context}";

        if (context.DataSource is { } source)
            (DataSource, _ownsSource) = (source, false);
        else if (context.Provider == DatabaseProvider.PostgreSql)
            DataSource = Source(ConnectionString(context.ConnectionString!, settings), null);
    }

    /// <summary>Gets whether the application has registered the contexts, and not the bus.</summary>
    internal bool IsOfContext { get; }

    /// <summary>How connections to PostgreSQL are encrypted; <c>null</c> if that is left to the connection string.</summary>
    internal TlsClient? Tls { get; }

    /// <summary>The kind of database.</summary>
    public DatabaseProvider Provider => _settings.Provider;

    /// <summary>What logs and health checks call the database: its server's address or its file.</summary>
    public string Name { get; }

    /// <summary>The full path of an SQLite database's file.</summary>
    public string Path { get; }

    /// <summary>The connections to a PostgreSQL database, pooled; none on SQLite.</summary>
    public NpgsqlDataSource? DataSource { get; }

    /// <summary>
    /// Gets whether a session of the server is this process's for one transaction only, so that nothing can be left in it: no prepared
    /// statement, no lock, no LISTEN.
    /// </summary>
    public bool HasSharedSessions => _settings.Pooler == DatabasePooler.Transaction;

    /// <summary>Opens a connection of its own, beside Entity Framework's.</summary>
    public async Task<DbConnection> Open(CancellationToken cancellationToken)
    {
        if (DataSource is not null)
            return await DataSource.OpenConnectionAsync(cancellationToken);

        var connection = new SqliteConnection(_sqlite);
        await connection.OpenAsync(cancellationToken);
        SqliteWriters.Prepare(connection);
        return connection;
    }

    /// <summary>
    /// Reads on a connection of its own. A cancellation ends a statement that runs, also on SQLite, whose provider waits for its end.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<T> Read<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await Open(cancellationToken);
        if (connection is not SqliteConnection { Handle: { } handle })
            return await read(connection);

        await using var interruption = cancellationToken.Register(() => SQLitePCL.raw.sqlite3_interrupt(handle));

        try
        {
            return await read(connection);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_INTERRUPT
            && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The statement was interrupted.", exception, cancellationToken);
        }
    }

    /// <summary>Finds out whether a session of PostgreSQL is read-only, and forgets all that may be.</summary>
    internal async Task<bool> IsReadOnly(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var asked = DatabaseCommands.Command(connection, null, "SHOW transaction_read_only");
        if (await asked.ExecuteScalarAsync(cancellationToken) is not "on")
            return false;

        DataSource?.Clear();
        return true;
    }

    /// <summary>
    /// Forgets all sessions of PostgreSQL if an exception says that one is read-only: a session stays so, and stays with its server, when
    /// the database can be written again.
    /// </summary>
    internal void ForgetReadOnly(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction })
                DataSource?.Clear();
        }
    }

    /// <summary>Finds out whether the database does its work: whether it can be written, without a change to what it holds.</summary>
    /// <exception cref="Exception">It does not.</exception>
    internal async Task Probe(CancellationToken cancellationToken)
    {
        using var turn = await Write(cancellationToken);
        await using var connection = await Open(cancellationToken);

        if (DataSource is not null)
        {
            if (await IsReadOnly(connection, cancellationToken))
                throw new InvalidOperationException("it is read-only");
            return;
        }

        // A full disk can be read. The header of the file is written again as it is.
        await using var version = DatabaseCommands.Command(connection, null, "PRAGMA user_version");
        var known = await version.ExecuteScalarAsync(cancellationToken);
        await DatabaseCommands.Execute(connection, null, $"PRAGMA user_version = {known}", cancellationToken);
    }

    /// <summary>
    /// Waits until no other transaction of this process writes to an SQLite file, until what is returned is disposed. On PostgreSQL, where
    /// many can write, it does nothing. Entity Framework's own transactions do this by themselves.
    /// </summary>
    public Task<IDisposable> Write(CancellationToken cancellationToken) =>
        DataSource is null ? _writers.Enter(cancellationToken) : Task.FromResult<IDisposable>(NoGate.Instance);

    /// <summary>
    /// Does something in one transaction on a connection of its own, which is undone if it throws: what it has thrown is what the caller
    /// gets. On SQLite the transaction is the writer from its beginning.
    /// </summary>
    public Task<T> Write<T>(Func<DbConnection, DbTransaction, Task<T>> write, CancellationToken cancellationToken) =>
        Write(write, waitsOnce: false, cancellationToken);

    /// <summary>
    /// Does the same. On SQLite nothing cancels the wait for other processes, and the provider repeats it for 30 seconds: those who must
    /// report a locked file in time wait once, for five.
    /// </summary>
    internal async Task<T> Write<T>(
        Func<DbConnection, DbTransaction, Task<T>> write, bool waitsOnce, CancellationToken cancellationToken)
    {
        using var turn = await Write(cancellationToken);
        await using var connection = await Open(cancellationToken);
        if (waitsOnce && connection is SqliteConnection waiting)
            waiting.DefaultTimeout = 1;

        await using var transaction = connection is SqliteConnection sqlite
            ? sqlite.BeginTransaction(deferred: false)
            : await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);

        try
        {
            if (DataSource is not null)
                await DatabaseCommands.Execute(connection, transaction, EndFrozen, cancellationToken);

            var result = await write(connection, transaction);
            await transaction.CommitAsync(CancellationToken.None);
            return result;
        }
        finally
        {
            SqliteRollback.Complete(transaction);
        }
    }

    /// <summary>Has a context use this database.</summary>
    public void Use(DbContextOptionsBuilder options) => Use(options, null);

    internal void Use(DbContextOptionsBuilder options, string? history)
    {
        if (DataSource is not null)
            Attach(options.UseNpgsql(DataSource, postgres => postgres.MigrationsHistoryTable(history ?? MigrationHistory.DefaultTable)));
        else
            Attach(options.UseSqlite(_sqlite, sqlite => sqlite.MigrationsHistoryTable(history ?? MigrationHistory.DefaultTable)));
    }

    /// <summary>Has a context that uses this database already keep to the rules of the others.</summary>
    internal void Attach(DbContextOptionsBuilder options)
    {
        CommandFailures.Attach(options.AddInterceptors(DatabaseText.Interceptor));
        if (DataSource is not null)
            options.AddInterceptors(_readOnly);
        else
            options.AddInterceptors(_writers, Inbox).ReplaceService<IRelationalTransactionFactory, SqliteTransactionFactory>();
    }

    public ValueTask DisposeAsync()
    {
        if (DataSource is not null)
            return _ownsSource ? DataSource.DisposeAsync() : ValueTask.CompletedTask;

        using var connection = new SqliteConnection(_sqlite);
        SqliteConnection.ClearPool(connection);
        return ValueTask.CompletedTask;
    }

    // The same few statements run for every message, so that parsing and planning them once per connection pays; a setting of the user's
    // own wins.
    static string ConnectionString(string text, DatabaseSettings database)
    {
        var tls = database.Tls;
        var settings = new NpgsqlConnectionStringBuilder(text);
        if (database.Pooler == DatabasePooler.None && !text.Contains("Auto Prepare", StringComparison.OrdinalIgnoreCase))
            settings.MaxAutoPrepare = 100;
        // Seven statements to make a session forget what nobody has set in it would cost more than the transaction that follows them.
        if (!text.Contains("Reset On Close", StringComparison.OrdinalIgnoreCase))
            settings.NoResetOnClose = true;
        // Otherwise the client decides by what the server offers. It lets its own checks of certificates be replaced by ours with Require
        // only.
        if (tls.Enabled is { } enabled)
            settings.SslMode = enabled ? SslMode.Require : SslMode.Disable;
        return settings.ConnectionString;
    }

    static NpgsqlDataSource Source(string connectionString, TlsClient? tls)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        if (tls is not null)
            builder.UseSslClientAuthenticationOptionsCallback(options => tls.Apply(options, options.TargetHost!));
        return builder.Build();
    }

    sealed class NoGate : IDisposable
    {
        public static readonly NoGate Instance = new();

        public void Dispose()
        {
        }
    }
}
