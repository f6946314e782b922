namespace MaestroBus.Analytics;

/// <summary>Holds the migrations for SQLite.</summary>
[MigrationsFor(DatabaseProvider.Sqlite)]
public sealed class AnalyticsSqliteDbContext(DbContextOptions options) : AnalyticsDbContext(options)
{
    sealed class Design : MigrationDesign<AnalyticsSqliteDbContext>;
}

/// <summary>Holds the migrations for PostgreSQL.</summary>
[MigrationsFor(DatabaseProvider.PostgreSql)]
public sealed class AnalyticsPostgreSqlDbContext(DbContextOptions options) : AnalyticsDbContext(options)
{
    sealed class Design : MigrationDesign<AnalyticsPostgreSqlDbContext>;
}
