namespace MaestroBus.Persistence;

/// <summary><c>migrate</c>: creates or upgrades the tables, and ends.</summary>
sealed class MigrateCommand(DatabaseMigrator migrator) : IBusCommand
{
    public string Name => "migrate";

    public async Task Run(CancellationToken cancellationToken) => await migrator.Migrate(cancellationToken);
}
