using System.Data;
using Microsoft.EntityFrameworkCore.Metadata;

namespace MaestroBus.Persistence;

/// <summary>How a saga is protected from two messages at once.</summary>
sealed class SagaLock<TSaga>(SagaLockOptions<TSaga> options)
    where TSaga : class, ISaga
{
    // Entity Framework binds a compiled query to the first model that it meets, and another host of this process may use another database.
    readonly Func<DbContext, Guid, CancellationToken, Task<TSaga?>> _find = EF.CompileAsyncQuery(
        (DbContext context, Guid id, CancellationToken _) => context.Set<TSaga>().AsTracking().SingleOrDefault(saga => saga.CorrelationId == id));

    readonly Func<DbContext, Guid, CancellationToken, Task<TSaga?>> _findLocked = EF.CompileAsyncQuery(
        (DbContext context, Guid id, CancellationToken _) =>
            context.Set<TSaga>().TagWith(RowLock.Tag).AsTracking().SingleOrDefault(saga => saga.CorrelationId == id));

    bool? _isOneTable;

    public IsolationLevel IsolationLevel => options.IsolationLevel;

    public bool IsTransactionEnabled => options.IsTransactionEnabled;

    /// <summary>
    /// Loads an instance. A message that is tried again after a conflict locks the instance's row even where concurrency is optimistic, so that it wins this time.
    /// </summary>
    public Task<TSaga?> Load(DbContext context, Guid id, bool again, CancellationToken cancellationToken)
    {
        if (options.Customize is null && !Locks(context, again))
            return _find(context, id, cancellationToken);

        if (options.Customize is null && (_isOneTable ??= IsOneTable(context)) && RowLock.IsKnown(context))
            return _findLocked(context, id, cancellationToken);

        return Locks(context, again)
            ? Single(Customized(context.Set<TSaga>().FromSqlRaw(Statement(context, "= {0}"), id)), cancellationToken)
            : Single(Customized(context.Set<TSaga>()).Where(saga => saga.CorrelationId == id), cancellationToken);
    }

    // What is joined to an instance without being asked for cannot be locked in the same query.
    static bool IsOneTable(DbContext context) => !Entity(context).GetNavigations().Any(navigation => navigation.IsEagerLoaded);

    static Task<TSaga?> Single(IQueryable<TSaga> sagas, CancellationToken cancellationToken) => sagas.AsTracking().SingleOrDefaultAsync(cancellationToken);

    /// <summary>Loads the instances that a query finds: the ids first, and then, under lock and in one statement, those that still match.</summary>
    public async Task<List<TSaga>> Load(DbContext context, ISagaQuery<TSaga> query, bool again, CancellationToken cancellationToken)
    {
        if (!Locks(context, again))
            return await Customized(context.Set<TSaga>()).AsTracking().Where(query.FilterExpression).ToListAsync(cancellationToken);

        var ids = await context.Set<TSaga>().AsNoTracking().Where(query.FilterExpression).Select(saga => saga.CorrelationId).ToArrayAsync(cancellationToken);
        if (ids.Length == 0)
            return [];

        // All take the rows in the same order, so that no two messages wait for each other.
        var locked = context.Set<TSaga>().FromSqlRaw(Statement(context, "= ANY({0})"), ids);
        return await Customized(locked).AsTracking().Where(query.FilterExpression).ToListAsync(cancellationToken);
    }

    /// <summary>Whether an instance's row is locked while a message is handled. SQLite has one writer at a time, from the beginning of its transaction.</summary>
    public bool Locks(DbContext context, bool again) =>
        (again || options.ConcurrencyMode == ConcurrencyMode.Pessimistic) && IsTransactionEnabled && context.Database.IsPostgres();

    IQueryable<TSaga> Customized(IQueryable<TSaga> sagas) => options.Customize?.Invoke(sagas) ?? sagas;

    static string Statement(DbContext context, string condition)
    {
        var entity = Entity(context);
        var table = StoreObjectIdentifier.Create(entity, StoreObjectType.Table)!.Value;
        var name = table.Schema is { } schema ? $"\"{schema}\".\"{table.Name}\"" : $"\"{table.Name}\"";
        var key = entity.FindProperty(nameof(ISaga.CorrelationId))!.GetColumnName(table);

        return $"""SELECT *, xmin FROM {name} WHERE "{key}" {condition} ORDER BY "{key}" FOR UPDATE""";
    }

    static IEntityType Entity(DbContext context) => context.Model.FindEntityType(typeof(TSaga))
        ?? throw new BusConfigurationException($"{context.GetType().Name} does not map the saga {typeof(TSaga).Name}. Add a SagaClassMap for it to Configurations.");
}

/// <summary>What a saga's repository was configured with.</summary>
sealed record SagaLockOptions<TSaga>(
    ConcurrencyMode ConcurrencyMode, IsolationLevel IsolationLevel, bool IsTransactionEnabled, Func<IQueryable<TSaga>, IQueryable<TSaga>>? Customize)
    where TSaga : class, ISaga;
