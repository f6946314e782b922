using System.Data;
using System.Diagnostics;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore.Storage;

namespace MaestroBus.Persistence;

/// <summary>
/// Handles a message in one transaction: that it is being handled, what the consumer does to its context, and what it sends. Delivered again, the message finds itself
/// in the inbox and does nothing. What it sends is in the outbox when the transaction commits, so that the message can be acknowledged at once.
/// </summary>
sealed partial class InboxContextFactory<TDbContext>(
    TDbContext database, IOutboxStore store, OutboxSignals signals, TimeProvider time, IServiceProvider provider, ILogger<InboxContextFactory<TDbContext>> logger)
    : IOutboxContextFactory<TDbContext>
    where TDbContext : DbContext
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var messageId = context.GetOriginalMessageId()
            ?? throw new MessageException(typeof(T), "A message without an id cannot be told from one that was handled before. Have its sender give it a MessageId");

        var inbox = new InboxConsumeContext<TDbContext, T>(context, options, provider, database, store, messageId, time);
        var strategy = database.Database.CreateExecutionStrategy();

        if (!strategy.RetriesOnFailure)
            await Handle(inbox, messageId, options.ConsumerId, next);
        else if (await strategy.ExecuteAsync(() => Caught(Handle(inbox, messageId, options.ConsumerId, next))) is { } exception)
            // A second run within the scope of the first would meet what that one has left; the endpoint's own retry begins with a new scope.
            throw exception;
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("inbox");

    async Task Handle<T>(InboxConsumeContext<TDbContext, T> inbox, Guid messageId, Guid consumerId, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var begun = Stopwatch.GetTimestamp();

        await using (var transaction = await database.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, inbox.CancellationToken))
        {
            if (await store.TryEnter(database.Database.GetDbConnection(), transaction.GetDbTransaction(), messageId, consumerId, inbox.CancellationToken))
            {
                await next.Send(inbox);

                try
                {
                    await transaction.CommitAsync(CancellationToken.None);
                }
                catch (Exception exception)
                {
                    await inbox.CapturedContext.NotifyFaulted(inbox, Stopwatch.GetElapsedTime(begun), TypeCache<T>.ShortName, exception);
                    throw;
                }
            }
            else
            {
                AlreadyHandled(messageId, TypeCache<T>.ShortName);
                inbox.IsHandled = true;
            }
        }

        if (inbox.IsHandled)
        {
            await next.Send(inbox);
            return;
        }

        signals.Committed(inbox.Messages);
        await inbox.NotifyConsumed();
    }

    static async Task<Exception?> Caught(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    [LoggerMessage(30, LogLevel.Debug, "The message {MessageId} {MessageType} has been handled before and is skipped")]
    partial void AlreadyHandled(Guid messageId, string messageType);
}
