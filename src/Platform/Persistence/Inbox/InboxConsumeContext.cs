using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore.Storage;

namespace MaestroBus.Persistence;

/// <summary>A message being handled in a transaction: what is sent because of it is collected, and written together with the consumer's effects.</summary>
sealed class InboxConsumeContext<TDbContext, TMessage>(
    ConsumeContext<TMessage> context,
    OutboxConsumeOptions options,
    IServiceProvider provider,
    TDbContext database,
    IOutboxStore store,
    Guid messageId,
    TimeProvider time) : OutboxConsumeContextProxy<TMessage>(context, options, provider), IOutboxCapture
    where TDbContext : DbContext
    where TMessage : class
{
    readonly Lock _lock = new();
    readonly List<OutboxMessage> _messages = [];
    readonly List<Func<Task>> _notifications = [];

    public override Guid? MessageId => messageId;

    public override bool ContinueProcessing { get; set; }

    /// <summary>Whether it has been handled before.</summary>
    public bool IsHandled { get; set; }

    public override bool IsMessageConsumed => IsHandled;

    public override bool IsOutboxDelivered => IsHandled;

    public override int ReceiveCount => 1;

    public override long? LastSequenceNumber => null;

    public IReadOnlyList<OutboxMessage> Messages => _messages;

    public override async Task SetConsumed()
    {
        if (database.ChangeTracker.HasChanges())
            await database.SaveChangesAsync(CancellationToken);

        if (_messages.Count > 0)
            await store.Insert(
                database.Database.GetDbConnection(), database.Database.CurrentTransaction?.GetDbTransaction(), _messages, CancellationToken);
    }

    public override Task AddSend<T>(SendContext<T> context)
    {
        Capture(OutboxMetadata.Write(context, messageId, time));
        return Task.CompletedTask;
    }

    public void Capture(OutboxMessage message)
    {
        lock (_lock)
            _messages.Add(message);
    }

    public override Task NotifyConsumed<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
    {
        if (IsHandled)
            return base.NotifyConsumed(context, duration, consumerType);

        // Whoever waits for a message to have been consumed counts on seeing its effects.
        lock (_lock)
            _notifications.Add(() => CapturedContext.NotifyConsumed(context, duration, consumerType));
        return Task.CompletedTask;
    }

    /// <summary>Tells of what was consumed, once it is committed.</summary>
    public async Task NotifyConsumed()
    {
        foreach (var notify in _notifications)
            await notify();
    }

    public override Task SetDelivered() => Task.CompletedTask;

    public override Task<List<OutboxMessageContext>> LoadOutboxMessages() => Task.FromResult(new List<OutboxMessageContext>());

    public override Task NotifyOutboxMessageDelivered(OutboxMessageContext message) => Task.CompletedTask;

    public override Task RemoveOutboxMessages() => Task.CompletedTask;
}
