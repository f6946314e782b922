using Microsoft.Data.Sqlite;
using Npgsql;

namespace MaestroBus.Persistence;

/// <summary>The database that the domains of this process keep their state in.</summary>
public sealed class BusDatabase : IAsyncDisposable
{
    readonly DatabaseSettings _settings;
    readonly string _sqlite;

    internal BusDatabase(DatabaseSettings settings, string root)
    {
        _settings = settings;
        Path = System.IO.Path.GetFullPath(settings.Path, root);
        _sqlite = new SqliteConnectionStringBuilder { DataSource = Path, ForeignKeys = true }.ToString();

        if (settings.Provider == DatabaseProvider.PostgreSql)
            DataSource = NpgsqlDataSource.Create(settings.ConnectionString!);
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
    public async Task<System.Data.Common.DbConnection> Open(CancellationToken cancellationToken)
    {
        if (DataSource is not null)
            return await DataSource.OpenConnectionAsync(cancellationToken);

        var connection = new SqliteConnection(_sqlite);
        await connection.OpenAsync(cancellationToken);
        return connection;
    }

    /// <summary>Has a context use this database.</summary>
    public void Use(DbContextOptionsBuilder options)
    {
        if (DataSource is not null)
            options.UseNpgsql(DataSource);
        else
            options.UseSqlite(_sqlite);
    }

    public ValueTask DisposeAsync() => DataSource?.DisposeAsync() ?? ValueTask.CompletedTask;
}
