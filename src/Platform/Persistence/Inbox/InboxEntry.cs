using System.Data;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence;

/// <summary>
/// The note that a consumer handles a message, and the transaction that it is written in with the consumer's effects. PostgreSQL locks
/// the note's row while the consumer runs.
/// SQLite has one writer for the whole file: there the transaction begins with the consumer's first write, or when it has returned.
/// </summary>
sealed class InboxEntry : IAsyncDisposable
{
    static readonly ConditionalWeakTable<DbContext, InboxEntry> Entries = [];

    readonly DbContext _database;
    readonly IOutboxStore _store;
    readonly Guid _messageId;
    readonly Guid _consumerId;
    readonly IsolationLevel _isolation;
    readonly TimeProvider _time;
    readonly MappedInbox? _mapped;
    readonly List<IDisposable> _kept = [];
    IDbContextTransaction? _transaction;
    bool _isBeginning;

    public InboxEntry(
        DbContext database, IOutboxStore store, Guid messageId, Guid consumerId, IsolationLevel isolation, TimeProvider time)
    {
        (_database, _store, _messageId, _consumerId, _isolation, _time) = (database, store, messageId, consumerId, isolation, time);
        _mapped = MappedInbox.Of(database);
        Entries.Add(database, this);
    }

    /// <summary>Gets whether the note is in the bus's own inbox, and not in a table of the context.</summary>
    public bool IsOfBus => _mapped is null;

    /// <summary>Gets whether the message turned out to be handled by another delivery, before or at the same time.</summary>
    public bool IsHandled { get; private set; }

    /// <summary>
    /// Gets what a host of MassTransit has handled the message with and not sent, and which is in the outbox when this is committed; null
    /// if there is nothing to be finished.
    /// </summary>
    public IReadOnlyList<WaitingMessage>? Unfinished { get; private set; }

    /// <summary>The connection of the transaction, also before it has begun.</summary>
    public DbConnection Connection => _database.Database.GetDbConnection();

    /// <summary>The transaction; null if it has not begun.</summary>
    public DbTransaction? Transaction => _transaction?.GetDbTransaction();

    /// <summary>Finds the entry of the message that a context is used for, or null if it is used for none.</summary>
    public static InboxEntry? Of(DbContext? context) => context is not null && Entries.TryGetValue(context, out var entry) ? entry : null;

    /// <summary>
    /// Refuses a transaction that the consumer begins for itself: its commit would part the effects from the note and from what is sent.
    /// </summary>
    /// <exception cref="InvalidOperationException">The context is used to handle a message, and it is not the entry that begins the
    /// transaction.</exception>
    public static void RefuseOther(DbContext? context)
    {
        if (Of(context) is { _isBeginning: false })
            throw new InvalidOperationException(
                $"{context!.GetType().Name} has a transaction of the bus for the message being handled, which begins with the first write. "
                + "Do not begin one; " +
                $"call Database.{nameof(DatabaseFacadeExtensions.EnterTransactionAsync)} if statements outside of Entity "
                + "Framework need it.");
    }

    /// <summary>
    /// Finds out whether the message still is to be handled, and begins the transaction where that does not hold up others.
    /// </summary>
    /// <returns>False if the message has been handled before.</returns>
    public async Task<bool> TryOpen(CancellationToken cancellationToken)
    {
        if (_store.HasOneWriter)
        {
            await _database.Database.OpenConnectionAsync(cancellationToken);
            if (_mapped is null)
                IsHandled = await _store.IsHandled(_database.Database.GetDbConnection(), _messageId, _consumerId, cancellationToken);
            else if (await _mapped.Look(_database, _messageId, _consumerId, cancellationToken) is not MappedInboxAnswer.New and var answer)
            {
                IsHandled = true;
                if (answer == MappedInboxAnswer.Unfinished)
                    await Begin(cancellationToken);
            }
        }
        else
            await Begin(cancellationToken);

        return !IsHandled;
    }

    /// <summary>Begins the transaction and notes the message in it, unless that has been done.</summary>
    /// <exception cref="MessageHandledException">Another delivery of the message has been committed in the meantime.</exception>
    public async Task Enter(CancellationToken cancellationToken)
    {
        if (_transaction is null)
            await Begin(cancellationToken);

        // Effects have been tried by now, and must not be committed: another attempt does what is left to do, and that only.
        if (Unfinished is not null)
            throw new DbUpdateConcurrencyException($"A host of MassTransit has handled the message {_messageId} at the same time.");

        if (IsHandled)
            throw new MessageHandledException(_messageId);
    }

    /// <summary>Has something disposed when the transaction has ended.</summary>
    public void Keep(IDisposable kept) => _kept.Add(kept);

    /// <summary>Commits the effects; returns when they outlive a loss of power.</summary>
    public async Task Commit()
    {
        await _transaction!.CommitAsync(CancellationToken.None);
        await _store.Flush();
    }

    /// <summary>Rolls back what is not committed.</summary>
    public async ValueTask DisposeAsync()
    {
        Entries.Remove(_database);

        try
        {
            if (_transaction is not null)
                await _transaction.DisposeAsync();

            if (_store.HasOneWriter)
            {
                await _store.Restore(Connection);
                await _database.Database.CloseConnectionAsync();
            }
        }
        finally
        {
            _kept.ForEach(kept => kept.Dispose());
        }
    }

    async Task Begin(CancellationToken cancellationToken)
    {
        _isBeginning = true;

        try
        {
            if (_store.HasOneWriter)
                await _store.Prepare(Connection, cancellationToken);
            _transaction = await _database.Database.BeginTransactionAsync(_isolation, cancellationToken);
            IsHandled = !await TryEnter(cancellationToken);
        }
        finally
        {
            _isBeginning = false;
        }
    }

    async Task<bool> TryEnter(CancellationToken cancellationToken)
    {
        if (_mapped is null)
            return await _store.TryEnter(
                _database.Database.GetDbConnection(), _transaction!.GetDbTransaction(), _messageId, _consumerId, cancellationToken);

        var now = _time.GetUtcNow().UtcDateTime;
        var answer = await _mapped.Enter(_database, _messageId, _consumerId, now, cancellationToken);
        if (answer == MappedInboxAnswer.Unfinished)
            Unfinished = await _mapped.Finish(_database, _store, _messageId, _consumerId, now, cancellationToken);
        return answer == MappedInboxAnswer.New;
    }
}

/// <summary>The isolation of the transactions that a context's messages are handled in.</summary>
sealed record InboxIsolation<TDbContext>(IsolationLevel Level)
    where TDbContext : DbContext;

/// <summary>Ends a consumer whose message another delivery has handled at the same time. Its effects are rolled back.</summary>
sealed class MessageHandledException(Guid messageId)
    : Exception($"The message {messageId} has been handled by another delivery at the same time. The effects of this one are rolled back.");
