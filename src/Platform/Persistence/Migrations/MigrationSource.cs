using System.Reflection;

namespace Maestro.Bus.Persistence;

/// <summary>A domain's context, and where its migrations are.</summary>
sealed class MigrationSource(Type context)
{
    /// <summary>The domain's context.</summary>
    public Type Context => context;

    /// <exception cref="BusConfigurationException">A context with migrations does not say for which kind of database.</exception>
    public static DatabaseProvider ProviderOf(Type context) =>
        context.GetCustomAttribute<MigrationsForAttribute>()?.Provider
        ?? throw new BusConfigurationException(
            $"{context.Name} does not say which database its migrations are for. Add [MigrationsFor(DatabaseProvider.Sqlite)] or "
                + "PostgreSql.");

    /// <summary>Makes the context that has the migrations for a database; the domain's own where it has none.</summary>
    public DbContext Create(BusDatabase database)
    {
        var type = context.Assembly.GetTypes()
            .FirstOrDefault(candidate =>
                candidate.BaseType == context && candidate.GetCustomAttribute<MigrationsForAttribute>()?.Provider == database.Provider)
                ?? context;

        var options = (DbContextOptionsBuilder)Activator.CreateInstance(typeof(DbContextOptionsBuilder<>).MakeGenericType(type))!;
        database.Use(options, MigrationHistory.TableOf(context));
        return (DbContext)Activator.CreateInstance(type, options.Options)!;
    }
}
