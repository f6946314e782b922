using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Middleware.Outbox;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence;

/// <summary>
/// A message being handled in a transaction: what is sent because of it is collected, and written together with the consumer's effects.
/// </summary>
sealed class InboxConsumeContext<TDbContext, TMessage> : OutboxConsumeContextProxy<TMessage>, IOutboxCapture, IInboxTransaction
    where TDbContext : DbContext
    where TMessage : class
{
    readonly TDbContext _database;
    readonly IOutboxStore _store;
    readonly InboxEntry _entry;
    readonly DatabaseIdempotencyStore? _idempotency;
    readonly Guid _messageId;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    readonly List<WaitingMessage> _messages = [];
    readonly List<Func<Task>> _notifications = [];

    public InboxConsumeContext(
        ConsumeContext<TMessage> context, OutboxConsumeOptions options, IServiceProvider provider, TDbContext database, IOutboxStore store,
        InboxEntry entry, Guid messageId,
        TimeProvider time)
        : base(context, options, provider)
    {
        (_database, _store, _entry, _messageId, _time) = (database, store, entry, messageId, time);
        _idempotency = provider.GetService<DatabaseIdempotencyStore>();

        if (context.TryGetPayload(out MessageSchedulerContext? scheduler))
        {
            var bus = provider.GetRequiredService<IBus>();
            // Where cancellations are messages, they wait like all others.
            var cancellations = provider.GetRequiredService<OutboxScopes>().CollectsCancellations ? this : null;
            context.AddOrUpdatePayload<MessageSchedulerContext>(
                () => throw new InvalidOperationException("The scheduler is gone."),
                _ => new ConsumeMessageSchedulerContext(
                    this, consumed => OutboxScheduler.Wrap(scheduler.SchedulerFactory(consumed), cancellations, bus)));
        }
    }

    public override Guid? MessageId => _messageId;

    public override bool ContinueProcessing { get; set; }

    /// <summary>Whether it has been handled before.</summary>
    public bool IsHandled { get; set; }

    public override bool IsMessageConsumed => IsHandled;

    public override bool IsOutboxDelivered => IsHandled;

    public override int ReceiveCount => 1;

    public override long? LastSequenceNumber => null;

    public IReadOnlyList<WaitingMessage> Messages => _messages;

    InboxEntry IInboxTransaction.Entry => _entry;

    public override async Task SetConsumed()
    {
        await _entry.Enter(CancellationToken);

        if (_database.ChangeTracker.HasChanges())
            await _database.SaveChangesAsync(CancellationToken);

        var (connection, transaction) = (_database.Database.GetDbConnection(), _database.Database.CurrentTransaction?.GetDbTransaction());
        if (_messages.Count > 0)
            await _store.Insert(connection, transaction, _messages, CancellationToken);
        if (_idempotency is not null && CapturedContext.TryGetPayload(out IdempotentRun? run))
            await _idempotency.Complete(connection, transaction, run, CancellationToken);
    }

    public override Task AddSend<T>(SendContext<T> context)
    {
        Capture(OutboxMetadata.Write(context, _messageId, _time));
        return context.TryGetPayload(out ISendCompanion? companion) ? companion.Send(context, this) : Task.CompletedTask;
    }

    public void Capture(WaitingMessage message)
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
