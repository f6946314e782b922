using Microsoft.EntityFrameworkCore.Design;

namespace Maestro.Bus.Persistence;

/// <summary>Makes a context with a domain's migrations for <c>dotnet ef migrations add</c>, which needs no database.</summary>
public abstract class MigrationDesign<TContext> : IDesignTimeDbContextFactory<TContext>
    where TContext : DbContext
{
    /// <inheritdoc />
    public TContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<TContext>();
        var history = MigrationHistory.TableOf(typeof(TContext).BaseType!);

        if (MigrationSource.ProviderOf(typeof(TContext)) == DatabaseProvider.PostgreSql)
            options.UseNpgsql("Host=localhost;Database=design", postgres => postgres.MigrationsHistoryTable(history));
        else
            options.UseSqlite("Data Source=design.db", sqlite => sqlite.MigrationsHistoryTable(history));

        return (TContext)Activator.CreateInstance(typeof(TContext), options.Options)!;
    }
}
