namespace MaestroBus.Persistence;

/// <summary>Has the tables ready before the bus starts.</summary>
sealed class DatabaseStart(DatabaseMigrator migrator, BusDatabase database, DatabaseSettings settings, IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var migrate = settings.Migrate
            ?? (database.Provider == DatabaseProvider.Sqlite || services.GetService<IHostEnvironment>()?.IsDevelopment() == true);
        return migrate ? migrator.Migrate(cancellationToken) : migrator.Check(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
