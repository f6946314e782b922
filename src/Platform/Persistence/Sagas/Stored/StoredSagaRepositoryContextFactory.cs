using MassTransit.Middleware;
using MassTransit.Saga;

namespace Maestro.Bus.Persistence;

/// <summary>Handles messages of sagas that have no repository of their own: they are kept in the bus's database.</summary>
sealed class StoredSagaRepositoryContextFactory<TSaga> :
    ISagaRepositoryContextFactory<TSaga>, IQuerySagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISaga
{
    readonly BusDatabase _database;
    readonly SagaTurns _turns;

    public StoredSagaRepositoryContextFactory(BusDatabase database, SagaTurns turns)
    {
        StoredSagaJson.Check<TSaga>();
        (_database, _turns) = (database, turns);
    }

    public void Probe(ProbeContext context) => context.Add("persistence", "bus database");

    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class =>
        WithSession(context, (_, repository) => next.Send(repository));

    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        WithSession(context, async (session, repository) =>
            await next.Send(new LoadedSagaRepositoryQueryContext<TSaga, T>(repository, await session.Load(query))));

    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class =>
        asyncMethod(new ReadContext(_database, cancellationToken));

    public Task<T> Execute<T>(Func<QuerySagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class =>
        asyncMethod(new ReadContext(_database, cancellationToken));

    async Task WithSession<T>(ConsumeContext<T> context, Func<StoredSagaSession<TSaga>, StoredSagaRepositoryContext<TSaga, T>, Task> send)
        where T : class
    {
        var inbox = context.TryGetPayload(out IInboxTransaction? transaction) ? transaction.Entry : null;
        await using var session = new StoredSagaSession<TSaga>(
            _database, _turns, inbox, context.GetRetryAttempt() > 0, context.CancellationToken);
        await session.Open();
        await send(session, new StoredSagaRepositoryContext<TSaga, T>(context, session));
        await session.Complete();
    }

    /// <summary>Reads sagas outside any message.</summary>
    sealed class ReadContext(BusDatabase database, CancellationToken cancellationToken) :
        BasePipeContext(cancellationToken), QuerySagaRepositoryContext<TSaga>, LoadSagaRepositoryContext<TSaga>
    {
        readonly StoredSagaStatements _statements = StoredSagaStatements.For(database.Provider);

        public Task<TSaga> Load(Guid correlationId) =>
            database.Read(
                connection => StoredSagaSession<TSaga>.Read(connection, _statements, correlationId, CancellationToken), CancellationToken)!;

        public async Task<SagaRepositoryQueryContext<TSaga>> Query(ISagaQuery<TSaga> query, CancellationToken cancellationToken)
        {
            var search = StoredSagaSearch.Of(query, database.Provider);
            var found = await database.Read(
                connection => StoredSagaSession<TSaga>.Search(connection, null, _statements, search, cancellationToken), cancellationToken);
            return new DefaultSagaRepositoryQueryContext<TSaga>(this, [.. found.Select(saga => saga.CorrelationId)]);
        }
    }
}
