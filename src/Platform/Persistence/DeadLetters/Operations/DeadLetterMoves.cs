using System.Data.Common;
using System.Globalization;

namespace Maestro.Bus.Persistence;

/// <summary>Does something with rows of dead letters, within a transaction.</summary>
sealed class DeadLetterMoves(DeadLetterDatabase database, IOutboxStore outbox, TimeProvider time)
{
    /// <summary>Applies an action to those of some dead letters that it can be applied to.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="ids">Their ids.</param>
    /// <param name="action">The action.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <param name="skip">Is told of each that no message can be made of, which stays as it is; null to have that thrown.</param>
    /// <returns>How many those were, and the messages that the outbox has to send once the transaction is committed.</returns>
    public async Task<(int Count, IReadOnlyList<WaitingMessage> Messages)> Apply(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<long> ids, DeadLetterAction action,
        CancellationToken cancellationToken, Action<long, Exception>? skip = null)
    {
        if (ids.Count == 0)
            return (0, []);

        if (action.Kind == DeadLetterActionKind.Purge)
            return (await DatabaseCommands.Execute(
                connection, transaction, $"DELETE FROM dead_letter WHERE id IN ({Numbers(ids)})", cancellationToken), []);

        IReadOnlyList<WaitingMessage> messages = [];
        if (action.Kind is DeadLetterActionKind.Retry or DeadLetterActionKind.Redirect)
        {
            var rows = await Lock(connection, transaction, ids, cancellationToken);
            var moved = rows.ConvertAll(row => (row.Letter.Id, Message: MessageOrNull(row, action, skip)))
                .FindAll(row => row.Message is not null);
            messages = [.. moved.Select(row => row.Message!)];
            ids = [.. moved.Select(row => row.Id)];
            if (messages.Count > 0)
                await outbox.Insert(connection, transaction, messages, cancellationToken);
        }

        var count = ids.Count == 0
            ? 0
            : await Mark(connection, transaction, ids, action.From!.Value, action.To, action.By, action.Target, cancellationToken);
        return (count, messages);
    }

    /// <summary>Sends an edited copy of a dead letter that waits; none where there is no such one.</summary>
    public async Task<WaitingMessage?> Edit(
        DbConnection connection, DbTransaction transaction, long id, DeadLetterEdit edit, CancellationToken cancellationToken)
    {
        if ((await Lock(connection, transaction, [id], cancellationToken)).FirstOrDefault() is not { } row)
            return null;

        var headers = new Dictionary<string, object?>(edit.Headers, StringComparer.OrdinalIgnoreCase)
        {
            [DeadLetterHeaders.Original] = id.ToString(CultureInfo.InvariantCulture),
        };
        var message = Message(row, row.Letter.Address, new EnvelopeChanges(headers, NewId.NextGuid(), edit.Message));
        await outbox.Insert(connection, transaction, [message], cancellationToken);
        await Mark(connection, transaction, [id], DeadLetterState.Waiting, DeadLetterState.Edited, edit.By, $"{message.MessageId}",
            cancellationToken);
        return message;
    }

    static WaitingMessage? MessageOrNull(DeadLetterContentRow row, DeadLetterAction action, Action<long, Exception>? skip)
    {
        try
        {
            return Message(row, action.Destination ?? row.Letter.Address, EnvelopeChanges.None);
        }
        catch (Exception exception) when (skip is not null)
        {
            skip(row.Letter.Id, exception);
            return null;
        }
    }

    static WaitingMessage Message(DeadLetterContentRow row, string address, EnvelopeChanges changes)
    {
        var id = changes.MessageId ?? row.Letter.MessageId ?? NewId.NextGuid();
        var key = id.ToString("n");

        return new WaitingMessage
        {
            OrderingKey = key,
            Partition = OutboxPartitions.Of(key),
            Destination = address,
            MessageId = id,
            Metadata = WireMessage.WithoutFailure(row.Metadata, changes.Headers),
            Body = EnvelopeBody.WithoutFailure(row.Body, WireMessage.ContentType(row.Metadata), changes),
        };
    }

    Task<List<DeadLetterContentRow>> Lock(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<long> ids, CancellationToken cancellationToken) =>
        DeadLetterDatabase.Query(
            connection, transaction,
            $"SELECT {DeadLetterRows.AllColumns} FROM dead_letter WHERE id IN ({Numbers(ids)}) AND state = "
                + $"{(short)DeadLetterState.Waiting} ORDER BY id{database.ForUpdate}",
            row => new DeadLetterContentRow(DeadLetterRows.Read(row), row.GetFieldValue<byte[]>(20), row.GetFieldValue<byte[]>(21)),
            cancellationToken);

    Task<int> Mark(
        DbConnection connection, DbTransaction transaction, IReadOnlyList<long> ids, DeadLetterState from, DeadLetterState to, string by,
        string? note, CancellationToken cancellationToken) =>
        DatabaseCommands.Execute(
            connection, transaction,
            $"UPDATE dead_letter SET state = @to, changed = @now, changed_by = @by, note = @note WHERE id IN ({Numbers(ids)}) AND "
                + "state = @from",
            cancellationToken,
            ("to", (short)to), ("from", (short)from), ("now", time.GetUtcNow().ToUnixTimeMilliseconds()), ("by", by), ("note", note));

    static string Numbers(IReadOnlyList<long> ids) => string.Join(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));

    sealed record DeadLetterContentRow(StoredDeadLetter Letter, byte[] Metadata, byte[] Body);
}
