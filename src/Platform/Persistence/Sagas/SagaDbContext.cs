namespace MaestroBus.Persistence;

/// <summary>A context that keeps sagas, each with a concurrency token: <c>xmin</c> on PostgreSQL, a version that every update raises elsewhere.</summary>
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
            SagaVersion.Map(modelBuilder.Entity(configuration.SagaType), Database);
        }
    }
}
