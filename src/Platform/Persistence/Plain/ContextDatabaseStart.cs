namespace Maestro.Bus.Persistence;

/// <summary>
/// Has the platform's tables ready before anything else of a plain bus starts, and refuses contexts that are in another database or have
/// tables by the same names.
/// </summary>
sealed class ContextDatabaseStart(
    DatabaseMigrator migrator, BusDatabase database, DatabaseSettings settings, DatabaseOutage outage, IEnumerable<OutboxContext> contexts,
    IServiceProvider services) : IHostedLifecycleService
{
    readonly DatabaseStart _start = new(migrator, database, settings, outage, services);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var all = contexts.Select(context => context.Database(services)).ToList();
        if (all.Find(other => !other.IsSameAs(all[0])) is { } elsewhere)
            throw new BusConfigurationException(
                $"AddEntityFrameworkOutbox names {all[0].Context.Name} in {all[0]} and {elsewhere.Context.Name} in {elsewhere}. A bus has "
                + "its outbox in one database: put both there, or leave one out.");

        var platform = PlatformSchema.Tables(database.Provider);
        foreach (var context in all)
        {
            foreach (var table in context.Tables.Where(table => platform.Contains(table.Name)))
                await outage.Overcome(token => RefuseIfShared(context, table, token), cancellationToken);
        }

        await _start.StartAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // MassTransit's OutboxMessage is outbox_message where an application names its tables in snake case.
    async Task RefuseIfShared(ContextDatabase context, ContextTable table, CancellationToken cancellationToken)
    {
        if (table.Schema is not null && database.Provider == DatabaseProvider.PostgreSql)
        {
            await using var connection = await database.Open(cancellationToken);
            await using var command = DatabaseCommands.Command(connection, null, "SELECT current_schema()");
            if (await command.ExecuteScalarAsync(cancellationToken) as string != table.Schema)
                return;
        }

        throw new BusConfigurationException(
            $"{context.Context.Name} maps {table.Entity} to the table '{table.Name}', which is the name of one of the bus's own tables. "
            + $"Give the application's table another name: ToTable(\"{table.Entity}\") in its mapping, and a migration that renames it.");
    }
}

/// <summary>A context that has an outbox, and how to find its database.</summary>
sealed record OutboxContext(Func<IServiceProvider, ContextDatabase> Database);
