using System.Data;

namespace Maestro.Bus.Persistence;

/// <summary>How a saga is protected from two messages at once.</summary>
sealed class SagaLock<TSaga>(SagaLockOptions<TSaga> options)
    where TSaga : class, ISaga
{
    // Entity Framework binds a compiled query to the first model that it meets, and another host of this process may use another database.
    readonly Func<DbContext, Guid, CancellationToken, Task<TSaga?>> _find = EF.CompileAsyncQuery(
        (DbContext context, Guid id, CancellationToken _) =>
            context.Set<TSaga>().AsTracking().SingleOrDefault(saga => saga.CorrelationId == id));

    readonly Func<DbContext, Guid, CancellationToken, Task<TSaga?>> _findLocked = EF.CompileAsyncQuery(
        (DbContext context, Guid id, CancellationToken _) =>
            context.Set<TSaga>().TagWith(RowLock.Tag).AsTracking().SingleOrDefault(saga => saga.CorrelationId == id));

    bool? _isOneTable;
    bool? _hasToken;

    public IsolationLevel IsolationLevel => options.IsolationLevel;

    public bool IsTransactionEnabled => options.IsTransactionEnabled;

    /// <summary>
    /// Loads an instance. A message that is tried again after a conflict locks the instance's row even where concurrency is optimistic, so
    /// that it wins this time.
    /// </summary>
    public Task<TSaga?> Load(DbContext context, Guid id, bool again, CancellationToken cancellationToken)
    {
        if (options.Customize is null && !Locks(context, again))
            return _find(context, id, cancellationToken);

        if (options is { Customize: null, Statements: null, Schema: null } && (_isOneTable ??= IsOneTable(context))
            && RowLock.IsKnown(context))
            return _findLocked(context, id, cancellationToken);

        return Locks(context, again)
            ? Single(Customized(context.Set<TSaga>().FromSqlRaw(Statement(context), id)), cancellationToken)
            : Single(Customized(context.Set<TSaga>()).Where(saga => saga.CorrelationId == id), cancellationToken);
    }

    // What is joined to an instance without being asked for cannot be locked in the same query.
    static bool IsOneTable(DbContext context) =>
        !LockStatements.Entity<TSaga>(context).GetNavigations().Any(navigation => navigation.IsEagerLoaded);

    static Task<TSaga?> Single(IQueryable<TSaga> sagas, CancellationToken cancellationToken) =>
        sagas.AsTracking().SingleOrDefaultAsync(cancellationToken);

    /// <summary>
    /// Loads the instances that a query finds: the ids first, and then, under lock and in one statement, those that still match.
    /// </summary>
    public async Task<List<TSaga>> Load(DbContext context, ISagaQuery<TSaga> query, bool again, CancellationToken cancellationToken)
    {
        if (!Locks(context, again))
            return await Customized(context.Set<TSaga>()).AsTracking().Where(query.FilterExpression).ToListAsync(cancellationToken);

        var ids = await context.Set<TSaga>().AsNoTracking().Where(query.FilterExpression).Select(saga => saga.CorrelationId)
            .ToArrayAsync(cancellationToken);
        if (ids.Length == 0)
            return [];

        if (options.Statements is not null)
        {
            // It locks one row at a time.
            List<TSaga> sagas = [];
            var matches = query.FilterExpression.Compile();
            foreach (var id in ids.Order())
            {
                if (await Load(context, id, again, cancellationToken) is { } saga && matches(saga))
                    sagas.Add(saga);
            }

            return sagas;
        }

        // All take the rows in the same order, so that no two messages wait for each other.
        var locked = context.Set<TSaga>().FromSqlRaw(StatementOfMany(context), ids);
        return await Customized(locked).AsTracking().Where(query.FilterExpression).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Whether an instance's row is locked while a message is handled, as it is where nothing else would show a conflict. SQLite has one
    /// writer at a time, from the beginning of its transaction.
    /// </summary>
    public bool Locks(DbContext context, bool again) =>
        (again || options.ConcurrencyMode == ConcurrencyMode.Pessimistic || !HasToken(context)) && IsTransactionEnabled
        && context.Database.IsPostgres();

    /// <summary>Whether a message must have its transaction before its instance is loaded.</summary>
    public bool NeedsTransactionFirst(DbContext context, bool again) => again || !HasToken(context);

    IQueryable<TSaga> Customized(IQueryable<TSaga> sagas) => options.Customize?.Invoke(sagas) ?? sagas;

    bool HasToken(DbContext context) => _hasToken ??= SagaVersion.Has(LockStatements.Entity<TSaga>(context));

    string Statement(DbContext context) =>
        options.Statements?.GetRowLockStatement<TSaga>(context)
        ?? LockStatements.Row<TSaga>(context, LockStatements.PostgresColumns, options.Schema, " FOR UPDATE", nameof(ISaga.CorrelationId));

    string StatementOfMany(DbContext context)
    {
        var key = LockStatements.Column<TSaga>(context, nameof(ISaga.CorrelationId));
        return $"SELECT {LockStatements.PostgresColumns} FROM {LockStatements.Table<TSaga>(context, options.Schema)} "
            + $"WHERE {key} = ANY(@p0) ORDER BY {key} FOR UPDATE";
    }
}

/// <summary>What a saga's repository was configured with.</summary>
sealed record SagaLockOptions<TSaga>(
    ConcurrencyMode ConcurrencyMode, IsolationLevel IsolationLevel, bool IsTransactionEnabled,
    Func<IQueryable<TSaga>, IQueryable<TSaga>>? Customize, ILockStatementProvider? Statements, string? Schema)
    where TSaga : class, ISaga;
