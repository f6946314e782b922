using MassTransit.Context;
using MassTransit.Saga;

namespace Maestro.Bus.Persistence;

/// <summary>One message's way to its saga in a context; whether what is saved of the saga is the last of the transaction.</summary>
sealed class DbContextSagaRepositoryContext<TSaga, TMessage>(
    DbContext database, ConsumeContext<TMessage> message, ISagaConsumeContextFactory<DbContext, TSaga> consumeContexts,
    SagaLock<TSaga> sagaLock, bool isCommittedWithSaga) :
    ConsumeContextScope<TMessage>(message, database), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISaga
    where TMessage : class
{
    readonly ConsumeContext<TMessage> _message = message;

    bool IsAgain => _message.GetRetryAttempt() > 0;

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) => Create(instance, SagaConsumeContextMode.Add);

    public async Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance)
    {
        var entry = database.Add(instance);
        SagaVersion.Begin(entry);

        try
        {
            // In a transaction, Entity Framework sets a savepoint here: an instance that exists already does not end the transaction.
            await database.SaveChangesAsync(CancellationToken);
            return await Create(instance, SagaConsumeContextMode.Insert);
        }
        catch (DbUpdateException exception) when (Conflict.IsDuplicate(exception))
        {
            entry.State = EntityState.Detached;
            return null!;
        }
    }

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId) =>
        await sagaLock.Load(database, correlationId, IsAgain, CancellationToken) is { } instance
            ? await Create(instance, SagaConsumeContextMode.Load)
            : null!;

    public async Task Save(SagaConsumeContext<TSaga> context)
    {
        SagaVersion.Begin(database.Add(context.Saga));

        try
        {
            await SaveChanges(true);
        }
        catch (DbUpdateException exception) when (Conflict.IsDuplicate(exception))
        {
            throw new ConcurrencyException(
                "Another message has begun the saga at the same time.", typeof(TSaga), context.Saga.CorrelationId, exception);
        }
    }

    public async Task Update(SagaConsumeContext<TSaga> context)
    {
        var entry = database.Entry(context.Saga);
        entry.DetectChanges();
        SagaVersion.Raise(entry);

        try
        {
            await SaveChanges(true, !sagaLock.Locks(database, IsAgain));
        }
        catch (DbUpdateException exception) when (Conflict.IsGuard(exception))
        {
            throw new ConcurrencyException(
                "Another message has changed the saga at the same time.", typeof(TSaga), context.Saga.CorrelationId, exception);
        }
    }

    public Task Delete(SagaConsumeContext<TSaga> context)
    {
        database.Remove(context.Saga);

        // That one without a lock was not there any more shows only afterwards.
        return SaveChanges(sagaLock.Locks(database, IsAgain));
    }

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context)
    {
        database.Entry(context.Saga).State = EntityState.Detached;
        return Task.CompletedTask;
    }

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(
        ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class =>
        consumeContexts.CreateSagaConsumeContext(database, consumeContext, instance, mode);

    Task<SagaConsumeContext<TSaga, TMessage>> Create(TSaga instance, SagaConsumeContextMode mode) =>
        consumeContexts.CreateSagaConsumeContext(database, _message, instance, mode);

    // A failure ends the message's whole transaction, so that a savepoint to return to would only cost two more round trips.
    async Task SaveChanges(bool mayCommit, bool isGuarded = false)
    {
        var savepoints = database.Database.AutoSavepointsEnabled;
        database.Database.AutoSavepointsEnabled = false;

        try
        {
            if (isCommittedWithSaga && mayCommit && OutboxBatchExecutor.Of(database) is { } executor)
                await executor.SaveLast(isGuarded, CancellationToken);
            else
                await database.SaveChangesAsync(CancellationToken);
        }
        finally
        {
            database.Database.AutoSavepointsEnabled = savepoints;
        }
    }
}
