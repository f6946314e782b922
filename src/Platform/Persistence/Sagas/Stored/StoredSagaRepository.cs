namespace Maestro.Bus.Persistence;

/// <summary>What the container gives for a stored saga's repository: it finds and loads instances.</summary>
sealed class StoredSagaRepository<TSaga>(IQuerySagaRepository<TSaga> queries, ILoadSagaRepository<TSaga> loads) :
    ISagaRepository<TSaga>, IQuerySagaRepository<TSaga>, ILoadSagaRepository<TSaga>
    where TSaga : class, ISaga
{
    public Task<TSaga> Load(Guid correlationId) => loads.Load(correlationId);

    public Task<IEnumerable<Guid>> Find(ISagaQuery<TSaga> query) => queries.Find(query);

    public void Probe(ProbeContext context) => loads.Probe(context.CreateScope("sagaRepository"));

    public Task Send<T>(ConsumeContext<T> context, ISagaPolicy<TSaga, T> policy, IPipe<SagaConsumeContext<TSaga, T>> next)
        where T : class =>
        throw Refusal();

    public Task SendQuery<T>(
        ConsumeContext<T> context, ISagaQuery<TSaga> query, ISagaPolicy<TSaga, T> policy, IPipe<SagaConsumeContext<TSaga, T>> next)
        where T : class =>
        throw Refusal();

    static NotSupportedException Refusal() =>
        new($"A message reaches the saga {TypeCache<TSaga>.ShortName} by its endpoint. Send or publish it.");
}
