using System.Data;
using System.Diagnostics;
using MassTransit.Middleware;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Handles a message in one transaction: that it is being handled, what the consumer does to its context, and what it sends. Delivered
/// again, the message finds itself in the inbox and does nothing. What it sends is in the outbox when the transaction commits, so that the
/// message can be acknowledged at once.
/// </summary>
sealed partial class InboxContextFactory<TDbContext>(
    TDbContext database, IOutboxStore store, OutboxSignals signals, TimeProvider time, IServiceProvider provider,
    ILogger<InboxContextFactory<TDbContext>> logger, InboxIsolation<TDbContext>? isolation = null)
    : IOutboxContextFactory<TDbContext>
    where TDbContext : DbContext
{
    public async Task Send<T>(ConsumeContext<T> context, OutboxConsumeOptions options, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var messageId = context.GetOriginalMessageId()
            ?? throw new MessageException(
                typeof(T), "A message without an id cannot be told from one that was handled before. Have its sender give it a MessageId");

        var strategy = database.Database.CreateExecutionStrategy();

        if (!strategy.RetriesOnFailure)
            await Handle(context, options, messageId, next);
        else if (await strategy.ExecuteAsync(() => Caught(Handle(context, options, messageId, next))) is { } exception)
            // A second run within the scope of the first would meet what that one has left; the endpoint's own retry begins with a new
            // scope.
            throw exception;
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("inbox");

    async Task Handle<T>(ConsumeContext<T> context, OutboxConsumeOptions options, Guid messageId, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        InboxConsumeContext<TDbContext, T> inbox;

        await using (var entry = new InboxEntry(
            database, store, messageId, options.ConsumerId, isolation?.Level ?? IsolationLevel.ReadCommitted, time))
        {
            inbox = new InboxConsumeContext<TDbContext, T>(context, options, provider, database, store, entry, messageId, time);

            if (await entry.TryOpen(context.CancellationToken))
                await Handle(inbox, entry, next);
            else if (entry.Unfinished is { } unfinished)
            {
                await entry.Commit();
                signals.Committed(unfinished);
            }

            inbox.IsHandled = entry.IsHandled;
            if (entry.IsOfBus && context.TryGetPayload(out InboxNote? note))
                note.Add(new InboxAnswer(messageId, options.ConsumerId, IsNew: !entry.IsHandled));
        }

        if (context.TryGetPayload(out IAttemptAnswers? answers))
            answers.Answered(isNew: !inbox.IsHandled);

        if (inbox.IsHandled)
        {
            AlreadyHandled(messageId, TypeCache<T>.ShortName);
            await next.Send(inbox);
            return;
        }

        signals.Committed(inbox.Messages);
        await inbox.NotifyConsumed();
    }

    static async Task Handle<T>(InboxConsumeContext<TDbContext, T> inbox, InboxEntry entry, IPipe<OutboxConsumeContext<T>> next)
        where T : class
    {
        var begun = Stopwatch.GetTimestamp();

        try
        {
            await next.Send(inbox);
        }
        catch (Exception) when (entry.IsHandled)
        {
            // Whatever the consumer made of it, another delivery of the message has been committed, and this one ends like any that comes
            // late.
            return;
        }

        try
        {
            await entry.Commit();
        }
        catch (Exception exception)
        {
            await inbox.CapturedContext.NotifyFaulted(inbox, Stopwatch.GetElapsedTime(begun), TypeCache<T>.ShortName, exception);
            throw;
        }
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
