using System.Data;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence;

/// <summary>
/// Moves what hosts of MassTransit 8 have published beside a context, and not sent, from their tables to the outbox, and forgets what was
/// handled long ago. It locks an outbox as they do, and leaves alone what they have in hand: both can run at the same time. A context that
/// does not map the tables has nothing to be moved.
/// </summary>
sealed partial class OutboxTakeover<TDbContext>(
    IServiceScopeFactory scopes, IOutboxStore store, OutboxSignals signals, DatabaseSettings settings, DatabaseOutage outage,
    SteadyClock clock, TimeProvider time, ILogger<OutboxTakeover<TDbContext>> logger) : BackgroundService
    where TDbContext : DbContext
{
    const int Batch = 100;

    Guid[] _unsendable = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool hasOutboxes, hasInbox;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var model = scope.ServiceProvider.GetRequiredService<TDbContext>().Model;
            hasOutboxes = model.FindEntityType(typeof(OutboxState)) is not null && model.FindEntityType(typeof(OutboxMessage)) is not null;
            hasInbox = model.FindEntityType(typeof(InboxState)) is not null;
        }

        await Task.WhenAll(
            hasOutboxes && settings.Outbox.Deliver
                ? Periodic.Run(settings.Outbox.PollInterval, time, Take, Failed, stoppingToken)
                : Task.CompletedTask,
            hasInbox && settings.Inbox.Cleanup
                ? Periodic.Run(settings.Inbox.CleanupInterval, time, ForgetHandled, Failed, stoppingToken)
                : Task.CompletedTask);
    }

    async Task Take(CancellationToken cancellationToken)
    {
        while (await TakeBatch(cancellationToken) == Batch)
            await Task.Yield();
    }

    async Task<int> TakeBatch(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<TDbContext>();
        if (!await context.Set<OutboxState>().AsNoTracking().AnyAsync(state => !_unsendable.Contains(state.OutboxId), cancellationToken))
            return 0;

        List<WaitingMessage> messages = [];
        var count = await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                messages.Clear();
                await using var transaction = await context.Database.BeginTransactionAsync(IsolationLevel.ReadCommitted, token);
                var outboxes = await Lock(context, token);
                foreach (var outbox in outboxes)
                    messages.AddRange(await Move(context, outbox, token));

                if (messages.Count > 0)
                    await store.Insert(context.Database.GetDbConnection(), transaction.GetDbTransaction(), messages, token);
                await transaction.CommitAsync(token);
                return outboxes.Count;
            },
            cancellationToken);

        signals.Committed(messages);
        if (messages.Count > 0)
            Taken(messages.Count, typeof(TDbContext).Name);
        return count;
    }

    Task<List<OutboxState>> Lock(DbContext context, CancellationToken cancellationToken)
    {
        if (!context.Database.IsPostgres())
            return context.Set<OutboxState>().AsNoTracking().Where(state => !_unsendable.Contains(state.OutboxId))
                .OrderBy(state => state.Created).Take(Batch).ToListAsync(cancellationToken);

        var id = LockStatements.Column<OutboxState>(context, nameof(OutboxState.OutboxId));
        var statement = $$"""
            SELECT * FROM {{LockStatements.Table<OutboxState>(context)}} WHERE NOT {{id}} = ANY ({0})
            ORDER BY {{LockStatements.Column<OutboxState>(context, nameof(OutboxState.Created))}} LIMIT {{Batch}} FOR UPDATE SKIP LOCKED
            """;
        return context.Set<OutboxState>().FromSqlRaw(statement, (object)_unsendable).AsNoTracking().ToListAsync(cancellationToken);
    }

    async Task<IEnumerable<WaitingMessage>> Move(DbContext context, OutboxState outbox, CancellationToken cancellationToken)
    {
        var all = context.Set<OutboxMessage>().Where(message => message.OutboxId == outbox.OutboxId);
        var last = outbox.LastSequenceNumber ?? 0;
        var left = outbox.Delivered is null
            ? await all.AsNoTracking().Where(message => message.SequenceNumber > last)
                .OrderBy(message => message.SequenceNumber).ToListAsync(cancellationToken)
            : [];

        List<WaitingMessage> moved = [];
        foreach (var message in left)
        {
            try
            {
                moved.Add(OutboxMetadata.Of(message, outbox.OutboxId));
            }
            catch (Exception exception) when (exception is FormatException or JsonException)
            {
                // It stays where it is, with all that was published beside it, and holds up nothing else.
                _unsendable = [.. _unsendable, outbox.OutboxId];
                Unsendable(message.MessageId, message.MessageType, typeof(TDbContext).Name, exception.Message, outbox.OutboxId);
                return [];
            }
        }

        await all.ExecuteDeleteAsync(cancellationToken);
        await context.Set<OutboxState>().Where(state => state.OutboxId == outbox.OutboxId).ExecuteDeleteAsync(cancellationToken);
        return moved;
    }

    async Task ForgetHandled(CancellationToken cancellationToken)
    {
        if (!await clock.IsSteady(cancellationToken))
            return;

        var limit = settings.Inbox.CleanupBatch;
        var before = time.GetUtcNow().UtcDateTime - settings.Inbox.Window;
        int forgotten;

        do
        {
            await using var scope = scopes.CreateAsyncScope();
            var states = scope.ServiceProvider.GetRequiredService<TDbContext>().Set<InboxState>();
            var old = await states.AsNoTracking().Where(state => state.Delivered < before).OrderBy(state => state.Delivered)
                .Select(state => state.Id).Take(limit).ToListAsync(cancellationToken);
            forgotten = old.Count == 0 ? 0 : await states.Where(state => old.Contains(state.Id)).ExecuteDeleteAsync(cancellationToken);
        }
        while (forgotten == limit);
    }

    void Failed(Exception exception)
    {
        // A conflict is one with a host of MassTransit: the next run does it.
        if (!outage.Tells(exception) && !Conflict.IsConflict(exception))
            NotDone(exception, typeof(TDbContext).Name);
    }

    [LoggerMessage(
        14, LogLevel.Information,
        "{Count} messages that hosts of MassTransit have published beside {Context} are taken over and will be sent")]
    partial void Taken(int count, string context);

    [LoggerMessage(
        15, LogLevel.Error,
        "The message {MessageId} {MessageType} in MassTransit's outbox of {Context} cannot be sent: {Reason}. It stays there, with all "
        + "others of the outbox {OutboxId}: correct or delete its row, and start the host again")]
    partial void Unsendable(Guid messageId, string messageType, string context, string reason, Guid outboxId);

    [LoggerMessage(16, LogLevel.Warning, "The tables of MassTransit's outbox in {Context} could not be looked after; it is tried again")]
    partial void NotDone(Exception exception, string context);
}
