using System.Data;

namespace Maestro.Bus.Persistence;

/// <summary>Configures a repository that keeps sagas in a database.</summary>
public interface IEntityFrameworkSagaRepositoryConfigurator
{
    /// <summary>Whether a message locks its instance, or notices at the end that another was faster and is tried again.</summary>
    /// <value>The default is <see cref="MassTransit.ConcurrencyMode.Pessimistic"/>.</value>
    ConcurrencyMode ConcurrencyMode { set; }

    /// <summary>The isolation of the transaction that a message is handled in.</summary>
    /// <value>The default is <see cref="IsolationLevel.ReadCommitted"/>.</value>
    IsolationLevel IsolationLevel { set; }

    /// <summary>
    /// Writes the statements that lock instances. They need not be named for PostgreSQL and SQLite, which the context's provider tells.
    /// </summary>
    ILockStatementProvider LockStatementProvider { set; }

    /// <summary>Registers a context and uses it.</summary>
    void AddDbContext<TContext, TImplementation>(Action<IServiceProvider, DbContextOptionsBuilder<TImplementation>>? optionsAction = null)
        where TContext : DbContext
        where TImplementation : DbContext, TContext;

    /// <summary>Makes a context for each message.</summary>
    void DatabaseFactory(Func<DbContext> databaseFactory);

    /// <summary>Makes a context for each message.</summary>
    void DatabaseFactory(Func<IServiceProvider, Func<DbContext>> databaseFactory);

    /// <summary>Uses a context that is registered already, from the message's scope.</summary>
    void ExistingDbContext<TContext>()
        where TContext : DbContext;

    /// <summary>Uses optimistic concurrency, in a transaction or without.</summary>
    void SetOptimisticConcurrency(bool useTransaction = true);
}

/// <summary>Configures a repository that keeps sagas in a database.</summary>
public interface IEntityFrameworkSagaRepositoryConfigurator<TSaga> : IEntityFrameworkSagaRepositoryConfigurator
    where TSaga : class, ISaga
{
    /// <summary>Changes the query that loads an instance, to include what it refers to.</summary>
    void CustomizeQuery(Func<IQueryable<TSaga>, IQueryable<TSaga>> queryCustomization);
}
