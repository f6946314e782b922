#pragma warning disable EF1001 // There is no public way to know the data source that a context was given.

using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;

namespace Maestro.Bus.Persistence;

/// <summary>
/// The database of a context that the application itself has registered, as on a plain MassTransit bus: the platform's tables are kept
/// beside the context's own.
/// </summary>
sealed class ContextDatabase
{
    ContextDatabase(DbContext context, DatabaseProvider provider, string? connectionString, NpgsqlDataSource? dataSource)
    {
        (Context, Provider, ConnectionString, DataSource) = (context.GetType(), provider, connectionString, dataSource);
        Tables = [.. context.Model.GetEntityTypes()
            .Where(entity => entity.GetTableName() is not null)
            .Select(entity => new ContextTable(entity.ClrType.Name, entity.GetTableName()!, entity.GetSchema()))];
    }

    /// <summary>The context.</summary>
    public Type Context { get; }

    /// <summary>The tables that it maps.</summary>
    public IReadOnlyList<ContextTable> Tables { get; }

    /// <summary>The kind of database.</summary>
    public DatabaseProvider Provider { get; }

    /// <summary>How to reach it; null if there is a data source.</summary>
    public string? ConnectionString { get; }

    /// <summary>The application's own connections to PostgreSQL; null if there is a connection string.</summary>
    public NpgsqlDataSource? DataSource { get; }

    /// <summary>Finds the database of a context.</summary>
    /// <exception cref="BusConfigurationException">The context is not registered, or its database is neither PostgreSQL nor a file of
    /// SQLite.</exception>
    public static ContextDatabase Of<TDbContext>(IServiceProvider services)
        where TDbContext : DbContext
    {
        using var scope = services.CreateScope();
        var options = new DbContextOptionsBuilder<TDbContext>();
        options.UseApplicationServiceProvider(scope.ServiceProvider);

        // All but the bus's own, which need the database that is looked for.
        foreach (var configuration in scope.ServiceProvider.GetServices<IDbContextOptionsConfiguration<TDbContext>>())
        {
            if (configuration is not OutboxOptions<TDbContext>)
                configuration.Configure(scope.ServiceProvider, options);
        }

        using var context = Create(scope.ServiceProvider, options.Options);
        return Of(context, services);
    }

    /// <summary>Tells whether two contexts' rows are in one database, so that one transaction can write both.</summary>
    public bool IsSameAs(ContextDatabase other) => Provider == other.Provider && Place == other.Place;

    /// <summary>Where it is, for people.</summary>
    public override string ToString() => Provider == DatabaseProvider.Sqlite ? $"the file {Place}" : $"PostgreSQL {Place}";

    string Place
    {
        get
        {
            if (Provider == DatabaseProvider.Sqlite)
                return Path;

            var connection = new NpgsqlConnectionStringBuilder(ConnectionString ?? DataSource!.ConnectionString);
            return $"{connection.Host}:{connection.Port}/{connection.Database ?? connection.Username}";
        }
    }

    /// <summary>The file of an SQLite database.</summary>
    public string Path => System.IO.Path.GetFullPath(new SqliteConnectionStringBuilder(ConnectionString).DataSource);

    static TDbContext Create<TDbContext>(IServiceProvider scope, DbContextOptions<TDbContext> options)
        where TDbContext : DbContext
    {
        try
        {
            return ActivatorUtilities.CreateInstance<TDbContext>(
                scope, typeof(TDbContext).GetConstructors().Any(HasOptions) ? [options] : []);
        }
        catch (InvalidOperationException exception)
        {
            throw new BusConfigurationException(
                $"AddEntityFrameworkOutbox<{typeof(TDbContext).Name}> cannot create the context to find its database: {exception.Message} "
                + $"Register it with AddDbContext<{typeof(TDbContext).Name}>, and what its constructor takes.");
        }

        static bool HasOptions(System.Reflection.ConstructorInfo constructor) =>
            constructor.GetParameters().Any(parameter => parameter.ParameterType.IsAssignableTo(typeof(DbContextOptions)));
    }

    static ContextDatabase Of(DbContext context, IServiceProvider services)
    {
        var options = context.GetService<IDbContextOptions>();
        if (options.Extensions.OfType<RelationalOptionsExtension>().FirstOrDefault() is not { } relational)
            throw new BusConfigurationException(
                $"AddEntityFrameworkOutbox<{context.GetType().Name}>: the context has no database. Call UseNpgsql or UseSqlite in "
                + $"AddDbContext<{context.GetType().Name}>.");

        if (context.Database.IsNpgsql())
        {
            var connectionString = relational.ConnectionString ?? relational.Connection?.ConnectionString;
            var source = (relational as NpgsqlOptionsExtension)?.DataSource as NpgsqlDataSource
                ?? (connectionString is null ? services.GetService<NpgsqlDataSource>() : null);
            return new ContextDatabase(context, DatabaseProvider.PostgreSql, source is null ? connectionString : null, source);
        }

        if (context.Database.GetDbConnection() is not SqliteConnection sqlite)
            throw new BusConfigurationException(
                $"AddEntityFrameworkOutbox<{context.GetType().Name}>: the context's database is {context.Database.ProviderName}, and the "
                + "outbox works on PostgreSQL and SQLite. Use UseNpgsql or UseSqlite, or keep the outbox of MassTransit.");

        if (IsInMemory(sqlite))
            throw new BusConfigurationException(
                $"AddEntityFrameworkOutbox<{context.GetType().Name}>: the context's database is in memory, where nobody else reads what it "
                + "writes. Use a file: UseSqlite(\"Data Source=state.db\").");

        return new ContextDatabase(context, DatabaseProvider.Sqlite, sqlite.ConnectionString, null);
    }

    static bool IsInMemory(SqliteConnection connection) =>
        string.IsNullOrEmpty(connection.DataSource) || connection.DataSource == ":memory:"
        || new SqliteConnectionStringBuilder(connection.ConnectionString).Mode == SqliteOpenMode.Memory;
}

/// <summary>A table that a context maps a class to; its schema is null if it is the connection's.</summary>
sealed record ContextTable(string Entity, string Name, string? Schema);
