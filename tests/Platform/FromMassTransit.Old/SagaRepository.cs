using System.Data;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Saga;
using Npgsql;

namespace Acme.Orders.Old;

/// <summary>
/// Keeps orders as MassTransit.EntityFrameworkCore does with ConcurrencyMode.Optimistic: each message in a serializable transaction, with
/// the row's version as the token.
/// </summary>
sealed class SagaRepository(IServiceProvider services, ISagaConsumeContextFactory<OrdersDbContext, OrderState> consumeContexts) :
    ISagaRepositoryContextFactory<OrderState>
{
    public static void Register(ISagaRepositoryRegistrationConfigurator<OrderState> registration) => registration.RegisterSagaRepository<
        OrderState, OrdersDbContext, SagaConsumeContextFactory<OrdersDbContext, OrderState>, SagaRepository>();

    public void Probe(ProbeContext context) => context.Add("persistence", "entity-framework");

    public async Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<OrderState, T>> next)
        where T : class
    {
        await using var scope = services.CreateAsyncScope();
        var orders = scope.ServiceProvider.GetRequiredService<OrdersDbContext>();
        await using var transaction = await orders.Database.BeginTransactionAsync(IsolationLevel.Serializable, context.CancellationToken);
        await next.Send(new SagaRepositoryContext<T>(orders, context, consumeContexts));
        await transaction.CommitAsync(context.CancellationToken);
    }

    public Task SendQuery<T>(
        ConsumeContext<T> context, ISagaQuery<OrderState> query, IPipe<SagaRepositoryQueryContext<OrderState, T>> next)
        where T : class =>
        throw new NotSupportedException("Orders are found by their ids alone.");
}

/// <summary>One message's way to its order.</summary>
sealed class SagaRepositoryContext<T>(
    OrdersDbContext orders, ConsumeContext<T> message, ISagaConsumeContextFactory<OrdersDbContext, OrderState> consumeContexts) :
    ConsumeContextScope<T>(message, orders), SagaRepositoryContext<OrderState, T>
    where T : class
{
    readonly ConsumeContext<T> _message = message;

    public Task<SagaConsumeContext<OrderState, T>> Add(OrderState instance) => Create(instance, SagaConsumeContextMode.Add);

    public async Task<SagaConsumeContext<OrderState, T>> Insert(OrderState instance)
    {
        orders.Add(instance);

        try
        {
            await orders.SaveChangesAsync(CancellationToken);
            return await Create(instance, SagaConsumeContextMode.Insert);
        }
        catch (DbUpdateException exception)
            when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            orders.ChangeTracker.Clear();
            return null!;
        }
    }

    public async Task<SagaConsumeContext<OrderState, T>> Load(Guid correlationId) =>
        await orders.Set<OrderState>()
            .SingleOrDefaultAsync(order => order.CorrelationId == correlationId, CancellationToken) is { } instance
            ? await Create(instance, SagaConsumeContextMode.Load)
            : null!;

    public Task Save(SagaConsumeContext<OrderState> context)
    {
        orders.Add(context.Saga);
        return orders.SaveChangesAsync(CancellationToken);
    }

    public Task Update(SagaConsumeContext<OrderState> context) => orders.SaveChangesAsync(CancellationToken);

    public Task Delete(SagaConsumeContext<OrderState> context)
    {
        orders.Remove(context.Saga);
        return orders.SaveChangesAsync(CancellationToken);
    }

    public Task Discard(SagaConsumeContext<OrderState> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<OrderState> context)
    {
        orders.Entry(context.Saga).State = EntityState.Detached;
        return Task.CompletedTask;
    }

    public Task<SagaConsumeContext<OrderState, TMessage>> CreateSagaConsumeContext<TMessage>(
        ConsumeContext<TMessage> consumeContext, OrderState instance, SagaConsumeContextMode mode)
        where TMessage : class =>
        consumeContexts.CreateSagaConsumeContext(orders, consumeContext, instance, mode);

    Task<SagaConsumeContext<OrderState, T>> Create(OrderState instance, SagaConsumeContextMode mode) =>
        consumeContexts.CreateSagaConsumeContext(orders, _message, instance, mode);
}
