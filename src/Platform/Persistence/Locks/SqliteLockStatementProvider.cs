namespace Maestro.Bus.Persistence;

/// <summary>
/// Reads rows of SQLite, whose transactions lock the whole file. The bus does so by itself; it can be named where MassTransit's is.
/// </summary>
public sealed class SqliteLockStatementProvider : ILockStatementProvider
{
    /// <param name="enableSchemaCaching">Has no effect: names are always those of the context's model, which has them at hand.</param>
    public SqliteLockStatementProvider(bool enableSchemaCaching = true) => _ = enableSchemaCaching;

    /// <inheritdoc />
    public string GetRowLockStatement<T>(DbContext context)
        where T : class => GetRowLockStatement<T>(context, nameof(ISaga.CorrelationId));

    /// <inheritdoc />
    public string GetRowLockStatement<T>(DbContext context, params string[] propertyNames)
        where T : class => LockStatements.Row<T>(context, "*", null, "", propertyNames);

    /// <inheritdoc />
    public string GetOutboxStatement(DbContext context) => LockStatements.Outbox(context, "*", null, "");
}
