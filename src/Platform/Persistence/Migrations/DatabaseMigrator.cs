using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Maestro.Bus.Persistence;

/// <summary>Creates and upgrades the platform's and the domains' tables, or tells what they lack.</summary>
sealed partial class DatabaseMigrator(
    BusDatabase database, IEnumerable<MigrationSource> sources, TimeProvider time, ILogger<DatabaseMigrator> logger)
{
    // SQLite's result codes of a file that is damaged, and of one that is something else.
    const int Corrupt = 11;
    const int NotADatabase = 26;

    /// <summary>Creates and upgrades the tables.</summary>
    /// <exception cref="BusConfigurationException">The database refuses the login or the certificate, does not exist, or comes from a newer
    /// version.</exception>
    /// <exception cref="System.Data.Common.DbException">It cannot be reached.</exception>
    public Task Migrate(CancellationToken cancellationToken) => Reached(async () =>
    {
        await using var alone = await MigrationLock.Take(database, time, cancellationToken);
        await using (var connection = await database.Open(cancellationToken))
        {
            await PlatformTables.Prepare(connection, database.Provider, cancellationToken);
            foreach (var step in await PlatformTables.Missing(connection, database.Provider, cancellationToken))
            {
                await PlatformTables.Apply(connection, step, database.Provider, time, cancellationToken);
                LogPlatformStep(step.Version, step.Name);
            }
        }

        foreach (var source in sources)
        {
            await using var context = source.Create(database);

            if (!context.Database.GetMigrations().Any())
                await CreateTables(context, cancellationToken);
            else if (await Missing(context, source, cancellationToken) is { Count: > 0 } missing)
            {
                await ClearAbandonedLock(context, cancellationToken);
                await context.Database.MigrateAsync(cancellationToken);
                LogMigrated(source.Context.Name, string.Join(", ", missing));
            }
        }
    });

    /// <summary>Finds out whether the tables are there.</summary>
    /// <exception cref="BusConfigurationException">
    /// The database refuses the login or the certificate, does not exist, lacks something, or comes from a newer version.
    /// </exception>
    /// <exception cref="System.Data.Common.DbException">It cannot be reached.</exception>
    public Task Check(CancellationToken cancellationToken) => Reached(async () =>
    {
        List<string> lacks = [];

        await using (var connection = await database.Open(cancellationToken))
            lacks.AddRange((await PlatformTables.Missing(connection, database.Provider, cancellationToken))
                .Select(step => $"the platform's tables of version {step.Version} ({step.Name})"));

        foreach (var source in sources)
        {
            await using var context = source.Create(database);

            if (context.Database.GetMigrations().Any())
                lacks.AddRange((await Missing(context, source, cancellationToken))
                    .Select(migration => $"the migration {migration} of {source.Context.Name}"));
            else if (!await HasTables(context, cancellationToken))
                lacks.Add($"the tables of {source.Context.Name}");
        }

        if (lacks.Count > 0)
            throw new BusConfigurationException(
                $"The database lacks {string.Join(", ", lacks)}. Run the host with the command 'migrate', or set "
                    + "Bus:Database:Migrate to true.");
    });

    static async Task<IReadOnlyList<string>> Missing(DbContext context, MigrationSource source, CancellationToken cancellationToken)
    {
        var known = context.Database.GetMigrations().ToList();
        var applied = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();

        return applied.Except(known).LastOrDefault() is { } unknown
            ? throw new BusConfigurationException(
                $"The database has the migration {unknown}, which {source.Context.Name} does not know. It comes from a newer version: "
                    + "start that version, or restore an older copy of the database.")
            : [.. known.Except(applied)];
    }

    // Entity Framework marks an SQLite file while it migrates it, and a process that is killed leaves the mark. Nobody else migrates now,
    // so that a mark is an old one.
    async Task ClearAbandonedLock(DbContext context, CancellationToken cancellationToken)
    {
        if (database.Provider == DatabaseProvider.Sqlite && await Exists("__EFMigrationsLock", context, cancellationToken))
            await context.Database.ExecuteSqlRawAsync("""DELETE FROM "__EFMigrationsLock" """, cancellationToken);
    }

    // A context without migrations is a sketch: its tables are made once, and changes of it are the author's.
    static async Task CreateTables(DbContext context, CancellationToken cancellationToken)
    {
        if (!await HasTables(context, cancellationToken))
            await context.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(cancellationToken);
    }

    static async Task<bool> HasTables(DbContext context, CancellationToken cancellationToken) =>
        context.GetService<IDesignTimeModel>().Model.GetEntityTypes()
            .Where(type => !type.IsTableExcludedFromMigrations())
            .Select(type => type.GetSchemaQualifiedTableName())
            .FirstOrDefault(name => name is not null) is not { } table
        || await Exists(table, context, cancellationToken);

    static async Task<bool> Exists(string table, DbContext context, CancellationToken cancellationToken)
    {
        var found = context.Database.IsNpgsql()
            ? context.Database.SqlQueryRaw<int>(
                """SELECT count(*)::int AS "Value" FROM pg_class WHERE oid = to_regclass({0})""", Quoted(table))
            : context.Database.SqlQueryRaw<int>(
                """SELECT count(*) AS "Value" FROM sqlite_master WHERE type = 'table' AND name = {0}""", table);
        return await found.SingleAsync(cancellationToken) > 0;
    }

    static string Quoted(string table) => string.Join('.', table.Split('.').Select(part => $"\"{part}\""));

    async Task Reached(Func<Task> work)
    {
        try
        {
            await RefusePooler();
            await work();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            throw new BusConfigurationException(
                $"Bus:Database:ConnectionString names a database that is not there: {exception.MessageText}. Create it: CREATE "
                    + $"DATABASE \"{new NpgsqlConnectionStringBuilder(database.DataSource!.ConnectionString).Database}\".");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is NotADatabase or Corrupt)
        {
            throw new BusConfigurationException(
                $"{database.Name} cannot be used: {exception.Message.TrimEnd('.')}. Name another file in Bus:Database:Path, move this one "
                    + "away, or restore it from a backup.");
        }
        catch (NpgsqlException exception) when (database.Tls?.Explain(exception) is { } reason)
        {
            throw new BusConfigurationException(
                $"Bus:Database: PostgreSQL cannot be used: {exception.Message.TrimEnd('.')}. {reason}");
        }
        catch (NpgsqlException exception) when (IsLogin(exception))
        {
            throw new BusConfigurationException(
                $"Bus:Database: PostgreSQL refuses the login: {exception.Message.TrimEnd('.')}. Correct Bus:Database:ConnectionString.");
        }
    }

    // A pooler answers with a process number of its own, to be told which query to cancel.
    async Task RefusePooler()
    {
        if (database.DataSource is not { } source || database.HasSharedSessions)
            return;

        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        if ((int)(await command.ExecuteScalarAsync())! != connection.ProcessID)
            throw new BusConfigurationException(
                "Bus:Database:ConnectionString leads to a pooler, such as PgBouncer, and not to PostgreSQL itself. "
                + "Set Bus:Database:Pooler to transaction, or connect to PostgreSQL directly.");
    }

    static bool IsLogin(NpgsqlException exception) => exception.SqlState?.StartsWith("28", StringComparison.Ordinal) == true;

    [LoggerMessage(1, LogLevel.Information, "The platform's tables are of version {Version} now: {Name}")]
    partial void LogPlatformStep(int version, string name);

    [LoggerMessage(2, LogLevel.Information, "{Context} is migrated: {Migrations}")]
    partial void LogMigrated(string context, string migrations);
}
