namespace MaestroBus.Persistence;

/// <summary>Configures the outbox of a context.</summary>
public interface IEntityFrameworkOutboxConfigurator
{
    /// <summary>Says that the database is PostgreSQL. It need not be said: the context's own provider tells.</summary>
    IEntityFrameworkOutboxConfigurator UsePostgres();

    /// <summary>Says that the database is SQLite. It need not be said: the context's own provider tells.</summary>
    IEntityFrameworkOutboxConfigurator UseSqlite();

    /// <summary>Has every scope of the bus that does not consume a message publish and send with this context's next commit.</summary>
    void UseBusOutbox();
}

sealed class OutboxConfigurator<TDbContext>(OutboxScopes scopes) : IEntityFrameworkOutboxConfigurator
    where TDbContext : DbContext
{
    public IEntityFrameworkOutboxConfigurator UsePostgres() => this;

    public IEntityFrameworkOutboxConfigurator UseSqlite() => this;

    public void UseBusOutbox() => scopes.UseForAll<TDbContext>();
}
