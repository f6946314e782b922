namespace Maestro.Bus.Persistence;

/// <summary>
/// Writes statements that lock rows. The bus has its own for the databases that it knows; a saga's repository can be given others with
/// <see cref="IEntityFrameworkSagaRepositoryConfigurator.LockStatementProvider"/>.
/// </summary>
public interface ILockStatementProvider
{
    /// <summary>
    /// Writes a query that finds one row by its <see cref="ISaga.CorrelationId"/>, the parameter <c>@p0</c>, and locks it.
    /// </summary>
    string GetRowLockStatement<T>(DbContext context)
        where T : class;

    /// <summary>Writes a query that finds rows by properties, the parameters <c>@p0</c>, <c>@p1</c> and so on, and locks them.</summary>
    string GetRowLockStatement<T>(DbContext context, params string[] propertyNames)
        where T : class;

    /// <summary>Writes a query that finds the oldest <see cref="OutboxState"/> that nobody has locked, and locks it.</summary>
    string GetOutboxStatement(DbContext context);
}
