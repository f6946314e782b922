using MassTransit.Saga;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Handles messages of sagas in a database, each in a transaction: the consumer inbox's where there is one, or one of its own.
/// </summary>
sealed class EntityFrameworkSagaRepositoryContextFactory<TSaga>(
    ISagaDbContextFactory<TSaga> contexts, ISagaConsumeContextFactory<DbContext, TSaga> consumeContexts, SagaLock<TSaga> sagaLock) :
    ISagaRepositoryContextFactory<TSaga>, IQuerySagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga
{
    public void Probe(ProbeContext context) => context.Add("persistence", "entity-framework");

    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class =>
        WithContext(context, true, (_, repository) => next.Send(repository));

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        WithContext(context, false, async (database, repository) =>
        {
            var found = await sagaLock.Load(database, query, context.GetRetryAttempt() > 0, context.CancellationToken);
            await next.Send(new LoadedSagaRepositoryQueryContext<TSaga, T>(repository, found));
        });

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class =>
        Read(asyncMethod, cancellationToken);

    public Task<T> Execute<T>(Func<QuerySagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class =>
        Read(asyncMethod, cancellationToken);

    async Task<T> Read<T>(Func<ReadSagaRepositoryContext<TSaga>, Task<T>> read, CancellationToken cancellationToken)
    {
        var database = contexts.Create();

        try
        {
            return await read(new ReadSagaRepositoryContext<TSaga>(database, cancellationToken));
        }
        finally
        {
            await contexts.ReleaseAsync(database);
        }
    }

    async Task WithContext<T>(
        ConsumeContext<T> context, bool isOneSaga, Func<DbContext, DbContextSagaRepositoryContext<TSaga, T>, Task> send)
        where T : class
    {
        var database = contexts.CreateScoped(context);

        try
        {
            if (InboxEntry.Of(database) is { } entry)
            {
                // A message that met a conflict holds off the others and wins this time; so does one whose saga has no version.
                if (sagaLock.NeedsTransactionFirst(database, context.GetRetryAttempt() > 0))
                    await entry.Enter(context.CancellationToken);
                await Send(false);
            }
            else if (database.Database.CurrentTransaction is not null || !sagaLock.IsTransactionEnabled)
                await Send(false);
            else
                await database.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
                {
                    await using var transaction = await database.Database.BeginTransactionAsync(
                        sagaLock.IsolationLevel, context.CancellationToken);
                    await Send(isOneSaga);
                    await transaction.CommitAsync(context.CancellationToken);
                });
        }
        finally
        {
            await contexts.ReleaseAsync(database);
        }

        Task Send(bool isCommittedWithSaga) =>
            send(database, new DbContextSagaRepositoryContext<TSaga, T>(database, context, consumeContexts, sagaLock, isCommittedWithSaga));
    }
}
