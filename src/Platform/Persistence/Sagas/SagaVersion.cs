using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MaestroBus.Persistence;

/// <summary>The concurrency token of a saga that maps none of its own.</summary>
static class SagaVersion
{
    const string System = "xmin";
    const string Own = "RowVersion";

    public static void Map(EntityTypeBuilder entity, DatabaseFacade database)
    {
        if (entity.Metadata.GetProperties().Any(property => property.IsConcurrencyToken))
            return;

        if (database.IsNpgsql())
            entity.Property<uint>(System).IsRowVersion();
        else
            entity.Property<long>(Own).IsConcurrencyToken().HasDefaultValue(0L).ValueGeneratedNever();
    }

    /// <summary>Raises the version of a saga that is about to be saved, where the database does not do so by itself.</summary>
    public static void Raise(EntityEntry entry)
    {
        if (entry.State == EntityState.Modified && entry.Metadata.FindProperty(Own) is { ClrType: var type } && type == typeof(long))
            entry.Property(Own).CurrentValue = (long)entry.Property(Own).CurrentValue! + 1;
    }
}
