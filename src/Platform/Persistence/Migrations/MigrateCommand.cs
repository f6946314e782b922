namespace Maestro.Bus.Persistence;

/// <summary><c>migrate</c>: creates or upgrades the tables, and ends. Unlike a host it does not wait for a database that is away.</summary>
sealed class MigrateCommand(DatabaseMigrator migrator, BusDatabase database) : IBusCommand
{
    public string Name => "migrate";

    public async Task Run(CancellationToken cancellationToken)
    {
        try
        {
            await migrator.Migrate(cancellationToken);
        }
        catch (Exception exception) when (DatabaseFailures.IsAway(exception))
        {
            throw new BusConfigurationException(
                $"Bus:Database: {database.Name} cannot be used: {exception.GetBaseException().Message.TrimEnd('.')}. "
                + "Start it, or correct Bus:Database:ConnectionString, and migrate again.");
        }
    }
}
