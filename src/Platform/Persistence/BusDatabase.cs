using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace MaestroBus.Persistence;

/// <summary>The database that the domains of this process keep their state in.</summary>
public sealed class BusDatabase : IAsyncDisposable
{
    readonly DatabaseSettings _settings;
    readonly string _sqlite;
    readonly SqliteWriters _writers = new();

    internal BusDatabase(DatabaseSettings settings, string root)
    {
        _settings = settings;
        Path = System.IO.Path.GetFullPath(settings.Path, root);
        _sqlite = new SqliteConnectionStringBuilder { DataSource = Path, ForeignKeys = true }.ToString();

        if (settings.Provider == DatabaseProvider.PostgreSql)
            DataSource = NpgsqlDataSource.Create(ConnectionString(settings.ConnectionString!));
        else
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
    }

    /// <summary>The kind of database.</summary>
    public DatabaseProvider Provider => _settings.Provider;

    /// <summary>The full path of an SQLite database's file.</summary>
    public string Path { get; }

    /// <summary>The connections to a PostgreSQL database, pooled; none on SQLite.</summary>
    public NpgsqlDataSource? DataSource { get; }

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
    /// Waits until no other transaction of this process writes to an SQLite file, until what is returned is disposed. On PostgreSQL, where many can write, it does
    /// nothing. Entity Framework's own transactions do this by themselves.
    /// </summary>
    public Task<IDisposable> Write(CancellationToken cancellationToken) =>
        DataSource is null ? _writers.Enter(cancellationToken) : Task.FromResult<IDisposable>(NoGate.Instance);

    /// <summary>Has a context use this database.</summary>
    public void Use(DbContextOptionsBuilder options) => Use(options, null);

    internal void Use(DbContextOptionsBuilder options, string? history)
    {
        if (DataSource is not null)
            options.UseNpgsql(DataSource, postgres => postgres.MigrationsHistoryTable(history ?? MigrationHistory.DefaultTable));
        else
            options.UseSqlite(_sqlite, sqlite => sqlite.MigrationsHistoryTable(history ?? MigrationHistory.DefaultTable))
                .AddInterceptors(_writers)
                .ReplaceService<IRelationalTransactionFactory, SqliteTransactionFactory>();
    }

    public ValueTask DisposeAsync()
    {
        if (DataSource is not null)
            return DataSource.DisposeAsync();

        using var connection = new SqliteConnection(_sqlite);
        SqliteConnection.ClearPool(connection);
        return ValueTask.CompletedTask;
    }

    // The same few statements run for every message, so that parsing and planning them once per connection pays; a setting of the user's own wins.
    static string ConnectionString(string text)
    {
        var settings = new NpgsqlConnectionStringBuilder(text);
        if (!text.Contains("Auto Prepare", StringComparison.OrdinalIgnoreCase))
            settings.MaxAutoPrepare = 100;
        // Seven statements to make a session forget what nobody has set in it would cost more than the transaction that follows them.
        if (!text.Contains("Reset On Close", StringComparison.OrdinalIgnoreCase))
            settings.NoResetOnClose = true;
        return settings.ConnectionString;
    }

    sealed class NoGate : IDisposable
    {
        public static readonly NoGate Instance = new();

        public void Dispose()
        {
        }
    }
}
