using MassTransit.Middleware;
using MassTransit.Saga;

namespace Maestro.Bus.Persistence;

/// <summary>Reads sagas outside any message.</summary>
sealed class ReadSagaRepositoryContext<TSaga>(DbContext database, CancellationToken cancellationToken) :
    BasePipeContext(cancellationToken), QuerySagaRepositoryContext<TSaga>, LoadSagaRepositoryContext<TSaga>
    where TSaga : class, ISaga
{
    public Task<TSaga> Load(Guid correlationId) =>
        database.Set<TSaga>().AsNoTracking().SingleOrDefaultAsync(saga => saga.CorrelationId == correlationId, CancellationToken)!;

    public async Task<SagaRepositoryQueryContext<TSaga>> Query(ISagaQuery<TSaga> query, CancellationToken cancellationToken) =>
        new DefaultSagaRepositoryQueryContext<TSaga>(
            this,
            await database.Set<TSaga>().AsNoTracking().Where(query.FilterExpression).Select(saga => saga.CorrelationId)
                .ToListAsync(cancellationToken));
}
