namespace Maestro.Bus.Persistence;

/// <summary>
/// A context that keeps sagas, each with a concurrency token: the one that it maps, or else <c>xmin</c> on PostgreSQL and a version that
/// every update raises elsewhere. A saga whose table has been migrated without one has none, and is locked when it is loaded.
/// </summary>
public abstract class SagaDbContext(DbContextOptions options) : DbContext(options)
{
    /// <summary>How the sagas are mapped.</summary>
    protected abstract IEnumerable<ISagaClassMap> Configurations { get; }

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        foreach (var configuration in Configurations)
        {
            configuration.Configure(modelBuilder);
            SagaVersion.Map(modelBuilder.Entity(configuration.SagaType), this);
        }
    }
}
