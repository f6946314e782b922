using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence;

/// <summary>Writes queries of a mapped table that lock rows. Names are those of the context's model, whichever schema it has.</summary>
static class LockStatements
{
    /// <summary>The columns that Entity Framework may ask PostgreSQL for: xmin is no part of <c>*</c>.</summary>
    public const string PostgresColumns = "*, xmin";

    public static string Table<T>(DbContext context, string? defaultSchema = null)
        where T : class
    {
        var table = TableOf(Entity<T>(context));
        return context.GetService<ISqlGenerationHelper>().DelimitIdentifier(table.Name, table.Schema ?? defaultSchema);
    }

    public static string Column<T>(DbContext context, string property)
        where T : class
    {
        var entity = Entity<T>(context);
        var column = entity.FindProperty(property)?.GetColumnName(TableOf(entity))
            ?? throw new ArgumentException($"{typeof(T).Name} has no column for the property '{property}'.", nameof(property));
        return context.GetService<ISqlGenerationHelper>().DelimitIdentifier(column);
    }

    public static string Row<T>(DbContext context, string columns, string? defaultSchema, string clause, params string[] properties)
        where T : class
    {
        var conditions = properties.Select((property, index) => $"{Column<T>(context, property)} = @p{index}");
        return $"SELECT {columns} FROM {Table<T>(context, defaultSchema)} WHERE {string.Join(" AND ", conditions)}{clause}";
    }

    public static string Outbox(DbContext context, string columns, string? defaultSchema, string clause) =>
        $"SELECT {columns} FROM {Table<OutboxState>(context, defaultSchema)} "
        + $"ORDER BY {Column<OutboxState>(context, nameof(OutboxState.Created))} LIMIT 1{clause}";

    public static IEntityType Entity<T>(DbContext context) => context.Model.FindEntityType(typeof(T))
        ?? throw new BusConfigurationException(
            $"{context.GetType().Name} does not map {typeof(T).Name}. Add a SagaClassMap for it to Configurations, or map it in "
            + "OnModelCreating.");

    static StoreObjectIdentifier TableOf(IEntityType entity) => StoreObjectIdentifier.Create(entity, StoreObjectType.Table)!.Value;
}
