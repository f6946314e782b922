using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Maestro.Bus.Persistence;

/// <summary>Maps a saga to its table, with the correlation id as its key.</summary>
public abstract class SagaClassMap<TSaga> : ISagaClassMap<TSaga>
    where TSaga : class, ISaga
{
    /// <inheritdoc />
    public Type SagaType => typeof(TSaga);

    /// <inheritdoc />
    public virtual void Configure(ModelBuilder model)
    {
        var entity = model.Entity<TSaga>();
        ConfigureCorrelationIdKey(entity.HasKey(saga => saga.CorrelationId));
        entity.Property(saga => saga.CorrelationId).ValueGeneratedNever();
        Configure(entity, model);
        SagaVersion.MakeWritable(entity);
    }

    /// <summary>Configures the saga's table, columns and indexes.</summary>
    protected virtual void Configure(EntityTypeBuilder<TSaga> entity, ModelBuilder model)
    {
    }

    /// <summary>Configures the table's key.</summary>
    protected virtual KeyBuilder ConfigureCorrelationIdKey(KeyBuilder keyBuilder) => keyBuilder;
}
