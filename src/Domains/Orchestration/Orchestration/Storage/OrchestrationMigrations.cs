namespace MaestroBus.Orchestration;

/// <summary>Holds the migrations for SQLite.</summary>
[MigrationsFor(DatabaseProvider.Sqlite)]
public sealed class OrchestrationSqliteDbContext(DbContextOptions options) : OrchestrationDbContext(options)
{
    sealed class Design : MigrationDesign<OrchestrationSqliteDbContext>;
}

/// <summary>Holds the migrations for PostgreSQL.</summary>
[MigrationsFor(DatabaseProvider.PostgreSql)]
public sealed class OrchestrationPostgreSqlDbContext(DbContextOptions options) : OrchestrationDbContext(options)
{
    sealed class Design : MigrationDesign<OrchestrationPostgreSqlDbContext>;
}
