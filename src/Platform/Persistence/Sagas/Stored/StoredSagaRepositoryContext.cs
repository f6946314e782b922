using MassTransit.Context;
using MassTransit.Saga;

namespace Maestro.Bus.Persistence;

/// <summary>One message's way to its stored saga.</summary>
sealed class StoredSagaRepositoryContext<TSaga, TMessage>(ConsumeContext<TMessage> message, StoredSagaSession<TSaga> session) :
    ConsumeContextScope<TMessage>(message), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISaga
    where TMessage : class
{
    readonly ConsumeContext<TMessage> _message = message;

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) => Create(_message, instance);

    public async Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance) =>
        await session.Load(instance.CorrelationId) is null ? await Create(_message, instance) : null!;

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId) =>
        await session.Load(correlationId) is { } instance ? await Create(_message, instance) : null!;

    public Task Save(SagaConsumeContext<TSaga> context) => Update(context);

    public Task Update(SagaConsumeContext<TSaga> context)
    {
        session.Write(context.Saga);
        return Task.CompletedTask;
    }

    public Task Delete(SagaConsumeContext<TSaga> context)
    {
        session.Delete(context.Saga);
        return Task.CompletedTask;
    }

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(
        ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class =>
        Create(consumeContext, instance);

    static Task<SagaConsumeContext<TSaga, T>> Create<T>(ConsumeContext<T> message, TSaga instance)
        where T : class =>
        Task.FromResult<SagaConsumeContext<TSaga, T>>(new DefaultSagaConsumeContext<TSaga, T>(message, instance));
}
