namespace Maestro.Bus.Persistence;

/// <summary>Locks rows of PostgreSQL. The bus does so by itself; it can be named where MassTransit's is.</summary>
public sealed class PostgresLockStatementProvider : ILockStatementProvider
{
    /// <param name="enableSchemaCaching">Has no effect: names are always those of the context's model, which has them at hand.</param>
    public PostgresLockStatementProvider(bool enableSchemaCaching = true) => _ = enableSchemaCaching;

    /// <param name="schemaName">The schema of tables whose mapping names none.</param>
    /// <param name="enableSchemaCaching">Has no effect.</param>
    public PostgresLockStatementProvider(string schemaName, bool enableSchemaCaching = true)
        : this(enableSchemaCaching) => Schema = schemaName;

    /// <summary>Gets the schema of tables whose mapping names none; null for the connection's.</summary>
    internal string? Schema { get; }

    /// <inheritdoc />
    public string GetRowLockStatement<T>(DbContext context)
        where T : class => GetRowLockStatement<T>(context, nameof(ISaga.CorrelationId));

    /// <inheritdoc />
    public string GetRowLockStatement<T>(DbContext context, params string[] propertyNames)
        where T : class => LockStatements.Row<T>(context, LockStatements.PostgresColumns, Schema, " FOR UPDATE", propertyNames);

    /// <inheritdoc />
    public string GetOutboxStatement(DbContext context) =>
        LockStatements.Outbox(context, LockStatements.PostgresColumns, Schema, " FOR UPDATE SKIP LOCKED");
}
