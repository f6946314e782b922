using System.Data.Common;

namespace Maestro.Bus.Persistence;

/// <summary>
/// What has been published beside one context and waits for its next commit. What was published within a transaction belongs to that one:
/// if it ends without a commit, the messages are gone with the rest of it.
/// </summary>
sealed class OutboxBuffer(DbContext context, IOutboxStore store, OutboxSignals signals)
{
    readonly Lock _lock = new();
    readonly List<(WaitingMessage Message, Guid? Transaction)> _captured = [];
    readonly List<WaitingMessage> _written = [];
    Guid? _writtenIn;
    bool _hasFailed;

    /// <summary>Keeps messages in the order they were published in, where nothing else does.</summary>
    public Guid OrderingKey { get; } = NewId.NextGuid();

    /// <summary>Whether the current transaction is one that somebody else commits, behind Entity Framework's back.</summary>
    public bool IsForeign { get; set; }

    /// <summary>
    /// Gets how many messages were captured without an attempt to save them; 0 if the last attempt failed: its caller has the exception.
    /// </summary>
    public int Forgotten
    {
        get
        {
            lock (_lock)
                return _hasFailed ? 0 : _captured.Count;
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
                return _captured.Count;
        }
    }

    public void Capture(WaitingMessage message)
    {
        lock (_lock)
        {
            _captured.Add((message, context.Database.CurrentTransaction?.TransactionId));
            _hasFailed = false;
        }
    }

    /// <summary>The context's database has refused something, or was not reached.</summary>
    public void Failed()
    {
        lock (_lock)
            _hasFailed = true;
    }

    /// <summary>Writes what belongs to a transaction that is about to be committed, and has not been written in it yet.</summary>
    public async Task Write(DbConnection connection, DbTransaction? transaction, Guid? transactionId, CancellationToken cancellationToken)
    {
        var messages = Begin(transactionId);
        if (messages.Count == 0)
            return;

        await store.Insert(connection, transaction, messages, cancellationToken).ConfigureAwait(false);
        _written.AddRange(messages);
    }

    /// <summary>Has a command that saves the context's changes write the messages, too, where the database gains by it.</summary>
    public void Append(DbCommand command)
    {
        var messages = Begin(context.Database.CurrentTransaction?.TransactionId);
        if (messages.Count > 0 && store.TryAppend(command, messages))
            _written.AddRange(messages);
    }

    /// <summary>What was appended to a command that was a transaction by itself is safe once it has run.</summary>
    public void CommandCommitted()
    {
        if (_writtenIn is null)
            Committed();
    }

    // What a transaction has written that ended without a commit is written again in the next.
    List<WaitingMessage> Begin(Guid? transactionId)
    {
        if (transactionId is null || transactionId != _writtenIn)
            _written.Clear();

        _writtenIn = transactionId;

        lock (_lock)
            return
            [
                .. _captured.Where(captured => captured.Transaction is null || captured.Transaction == transactionId)
                    .Select(captured => captured.Message).Except(_written),
            ];
    }

    public void Committed()
    {
        if (_written.Count == 0)
            return;

        lock (_lock)
            _captured.RemoveAll(captured => _written.Contains(captured.Message));

        signals.Committed([.. _written]);
        _written.Clear();
    }

    public void RolledBack()
    {
        _written.Clear();
        lock (_lock)
            _captured.Clear();
    }
}
