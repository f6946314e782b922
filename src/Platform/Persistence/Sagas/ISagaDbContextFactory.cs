namespace Maestro.Bus.Persistence;

/// <summary>Gives a saga's repository its context.</summary>
public interface ISagaDbContextFactory<out TSaga>
    where TSaga : class, ISaga
{
    /// <summary>Creates a context that belongs to no message.</summary>
    DbContext Create();

    /// <summary>Creates a context for one message.</summary>
    DbContext CreateScoped<T>(ConsumeContext<T> context)
        where T : class;

    /// <summary>Gives a context back.</summary>
    ValueTask ReleaseAsync(DbContext dbContext);
}

/// <summary>Takes the context that the message's scope has, which its consumer inbox uses too.</summary>
sealed class ContainerSagaDbContextFactory<TContext, TSaga>(TContext context) : ISagaDbContextFactory<TSaga>
    where TContext : DbContext
    where TSaga : class, ISaga
{
    public DbContext Create() => context;

    public DbContext CreateScoped<T>(ConsumeContext<T> message)
        where T : class => context;

    public ValueTask ReleaseAsync(DbContext dbContext) => ValueTask.CompletedTask;
}

/// <summary>Makes a context for each use.</summary>
sealed class DelegateSagaDbContextFactory<TSaga>(Func<DbContext> create) : ISagaDbContextFactory<TSaga>
    where TSaga : class, ISaga
{
    public DbContext Create() => create();

    public DbContext CreateScoped<T>(ConsumeContext<T> message)
        where T : class => create();

    public ValueTask ReleaseAsync(DbContext dbContext) => dbContext.DisposeAsync();
}
