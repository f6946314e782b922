namespace Maestro.Bus.Persistence;

/// <summary>Has the tables ready before the bus starts, and waits while the database is away.</summary>
sealed class DatabaseStart(
    DatabaseMigrator migrator, BusDatabase database, DatabaseSettings settings, DatabaseOutage outage, IServiceProvider services)
        : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var migrate = settings.Migrate
            ?? (database.Provider == DatabaseProvider.Sqlite || services.GetService<IHostEnvironment>()?.IsDevelopment() == true);
        return outage.Overcome(migrate ? migrator.Migrate : migrator.Check, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
