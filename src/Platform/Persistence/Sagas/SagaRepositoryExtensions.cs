using MassTransit.Configuration;

namespace Maestro.Bus.Persistence;

/// <summary>Keeps sagas in a database.</summary>
public static class SagaRepositoryExtensions
{
    /// <summary>Keeps a saga in a database.</summary>
    public static ISagaRegistrationConfigurator<TSaga> EntityFrameworkRepository<TSaga>(
        this ISagaRegistrationConfigurator<TSaga> configurator, Action<IEntityFrameworkSagaRepositoryConfigurator<TSaga>> configure)
        where TSaga : class, ISaga
    {
        var repository = new EntityFrameworkSagaRepositoryConfigurator<TSaga>();
        configure(repository);
        return configurator.Repository(repository.Register);
    }

    /// <summary>Keeps the sagas of job consumers in a database.</summary>
    public static IJobSagaRegistrationConfigurator EntityFrameworkRepository(
        this IJobSagaRegistrationConfigurator configurator, Action<IEntityFrameworkSagaRepositoryConfigurator> configure)
    {
        configurator.UseRepositoryRegistrationProvider(new EntityFrameworkSagaRepositoryRegistrationProvider(configure));
        return configurator;
    }

    /// <summary>Keeps every saga that has no other repository in a database.</summary>
    public static void SetEntityFrameworkSagaRepositoryProvider(
        this IRegistrationConfigurator configurator, Action<IEntityFrameworkSagaRepositoryConfigurator> configure) =>
        configurator.SetSagaRepositoryProvider(new EntityFrameworkSagaRepositoryRegistrationProvider(configure));

    /// <summary>Says that the database is PostgreSQL. It is recognised without it.</summary>
    public static IEntityFrameworkSagaRepositoryConfigurator UsePostgres(this IEntityFrameworkSagaRepositoryConfigurator configurator) =>
        configurator;

    /// <summary>Says that the database is PostgreSQL. It is recognised without it.</summary>
    public static IEntityFrameworkSagaRepositoryConfigurator<T> UsePostgres<T>(
        this IEntityFrameworkSagaRepositoryConfigurator<T> configurator)
        where T : class, ISaga => configurator;

    /// <summary>Says that the database is PostgreSQL, and which schema its tables are in if their mapping does not say so.</summary>
    public static IEntityFrameworkSagaRepositoryConfigurator UsePostgres(
        this IEntityFrameworkSagaRepositoryConfigurator configurator, string schemaName)
    {
        configurator.LockStatementProvider = new PostgresLockStatementProvider(schemaName);
        return configurator;
    }

    /// <summary>Says that the database is PostgreSQL, and which schema its tables are in if their mapping does not say so.</summary>
    public static IEntityFrameworkSagaRepositoryConfigurator<T> UsePostgres<T>(
        this IEntityFrameworkSagaRepositoryConfigurator<T> configurator, string schemaName)
        where T : class, ISaga
    {
        configurator.LockStatementProvider = new PostgresLockStatementProvider(schemaName);
        return configurator;
    }

    /// <summary>Says that the database is SQLite. It is recognised without it.</summary>
    public static IEntityFrameworkSagaRepositoryConfigurator UseSqlite(this IEntityFrameworkSagaRepositoryConfigurator configurator) =>
        configurator;

    /// <summary>Says that the database is SQLite. It is recognised without it.</summary>
    public static IEntityFrameworkSagaRepositoryConfigurator<T> UseSqlite<T>(
        this IEntityFrameworkSagaRepositoryConfigurator<T> configurator)
        where T : class, ISaga => configurator;

    sealed class EntityFrameworkSagaRepositoryRegistrationProvider(Action<IEntityFrameworkSagaRepositoryConfigurator> configure)
        : ISagaRepositoryRegistrationProvider
    {
        public void Configure<TSaga>(ISagaRegistrationConfigurator<TSaga> configurator)
            where TSaga : class, ISaga =>
            configurator.EntityFrameworkRepository(repository => configure(repository));
    }
}
