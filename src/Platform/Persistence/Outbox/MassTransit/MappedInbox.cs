using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace Maestro.Bus.Persistence;

/// <summary>What a table of <see cref="InboxState"/> says of a message.</summary>
enum MappedInboxAnswer
{
    /// <summary>It is to be handled.</summary>
    New,

    /// <summary>It has been handled.</summary>
    Handled,

    /// <summary>A host of MassTransit has handled it, and did not come to sending all that its consumer has sent.</summary>
    Unfinished,
}

/// <summary>
/// The inbox of a context that maps <see cref="InboxState"/>: what has been handled is noted where hosts of MassTransit note it, in the way
/// they do. A row that has <see cref="InboxState.Consumed"/> is handled, and its messages are sent when it has
/// <see cref="InboxState.Delivered"/>.
/// </summary>
sealed class MappedInbox
{
    static readonly ConditionalWeakTable<IModel, MappedInbox> Inboxes = [];

    readonly IEntityType _state;
    readonly bool _hasMessages;

    MappedInbox(IEntityType state) => (_state, _hasMessages) = (state, state.Model.FindEntityType(typeof(OutboxMessage)) is not null);

    /// <summary>Finds a context's inbox, or null if the context does not map the table.</summary>
    public static MappedInbox? Of(DbContext context) =>
        context.Model.FindEntityType(typeof(InboxState)) is { } state ? Inboxes.GetValue(context.Model, _ => new MappedInbox(state)) : null;

    /// <summary>Tells what is known of a message, without waiting for who handles it now.</summary>
    public Task<MappedInboxAnswer> Look(DbContext context, Guid messageId, Guid consumerId, CancellationToken cancellationToken) =>
        Read(context, "", messageId, consumerId, cancellationToken);

    /// <summary>
    /// Notes that a consumer handles a message, within the current transaction of the context, if it is to be handled. While another
    /// transaction handles the same message, this one waits for its end.
    /// </summary>
    public async Task<MappedInboxAnswer> Enter(
        DbContext context, Guid messageId, Guid consumerId, DateTime now, CancellationToken cancellationToken)
    {
        var id = NewId.NextGuid();
        await using var insert = Command(
            context,
            $"""
            INSERT INTO {Table(context)}
                ({Names(context, "MessageId", "ConsumerId", "LockId", "Received", "ReceiveCount", "Consumed", "Delivered")})
            VALUES (@message, @consumer, @lock, @received, @count, @consumed, @delivered) ON CONFLICT DO NOTHING
            """,
            ("message", "MessageId", messageId), ("consumer", "ConsumerId", consumerId), ("lock", "LockId", id),
            ("received", "Received", now), ("count", "ReceiveCount", 1), ("consumed", "Consumed", now), ("delivered", "Delivered", now));
        if (await insert.ExecuteNonQueryAsync(cancellationToken) == 1)
            return MappedInboxAnswer.New;

        var answer = await Read(context, context.Database.IsPostgres() ? " FOR UPDATE" : "", messageId, consumerId, cancellationToken);
        if (answer == MappedInboxAnswer.New)
            await Update(context, messageId, consumerId, cancellationToken, ("Consumed", now), ("Delivered", now), ("LockId", id));
        return answer;
    }

    /// <summary>
    /// Moves what a consumer has sent under MassTransit to the outbox, within the current transaction of the context, and notes that it is
    /// done.
    /// </summary>
    /// <returns>What was moved.</returns>
    public async Task<IReadOnlyList<WaitingMessage>> Finish(
        DbContext context, IOutboxStore store, Guid messageId, Guid consumerId, DateTime now, CancellationToken cancellationToken)
    {
        List<WaitingMessage> messages = [];
        if (_hasMessages)
        {
            var last = await context.Set<InboxState>().AsNoTracking()
                .Where(state => state.MessageId == messageId && state.ConsumerId == consumerId)
                .Select(state => state.LastSequenceNumber).SingleAsync(cancellationToken) ?? 0;
            var left = context.Set<OutboxMessage>()
                .Where(message => message.InboxMessageId == messageId && message.InboxConsumerId == consumerId);
            messages.AddRange(
                (await left.AsNoTracking().Where(message => message.SequenceNumber > last)
                    .OrderBy(message => message.SequenceNumber).ToListAsync(cancellationToken))
                .Select(message => OutboxMetadata.Of(message, messageId)));

            if (messages.Count > 0)
                await store.Insert(
                    context.Database.GetDbConnection(), context.Database.CurrentTransaction!.GetDbTransaction(), messages,
                    cancellationToken);
            await left.ExecuteDeleteAsync(cancellationToken);
        }

        await Update(context, messageId, consumerId, cancellationToken, ("Delivered", now));
        return messages;
    }

    async Task<MappedInboxAnswer> Read(
        DbContext context, string lockClause, Guid messageId, Guid consumerId, CancellationToken cancellationToken)
    {
        await using var command = Command(
            context, $"SELECT {Names(context, "Consumed", "Delivered")} FROM {Table(context)} WHERE {Key(context)}{lockClause}",
            ("message", "MessageId", messageId), ("consumer", "ConsumerId", consumerId));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);

        return !await row.ReadAsync(cancellationToken) || row.IsDBNull(0) ? MappedInboxAnswer.New
            : row.IsDBNull(1) ? MappedInboxAnswer.Unfinished
            : MappedInboxAnswer.Handled;
    }

    async Task Update(
        DbContext context, Guid messageId, Guid consumerId, CancellationToken cancellationToken,
        params (string Property, object Value)[] changes)
    {
        var assignments = changes.Select((change, index) => $"{Name(context, change.Property)} = @change{index}");
        await using var command = Command(
            context, $"UPDATE {Table(context)} SET {string.Join(", ", assignments)} WHERE {Key(context)}",
            [
                ("message", "MessageId", messageId), ("consumer", "ConsumerId", consumerId),
                .. changes.Select((change, index) => ($"change{index}", change.Property, change.Value)),
            ]);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    static string Table(DbContext context) => LockStatements.Table<InboxState>(context);

    static string Key(DbContext context) => $"{Name(context, "MessageId")} = @message AND {Name(context, "ConsumerId")} = @consumer";

    static string Names(DbContext context, params string[] properties) =>
        string.Join(", ", properties.Select(property => Name(context, property)));

    static string Name(DbContext context, string property) => LockStatements.Column<InboxState>(context, property);

    // The values go by the context's mapping: a time may be kept with a zone or without, an id as text or as bytes.
    DbCommand Command(DbContext context, string statement, params (string Name, string Property, object Value)[] parameters)
    {
        var command = DatabaseCommands.Command(
            context.Database.GetDbConnection(), context.Database.CurrentTransaction?.GetDbTransaction(), statement);
        foreach (var (name, property, value) in parameters)
            command.Parameters.Add(_state.FindProperty(property)!.GetRelationalTypeMapping().CreateParameter(command, name, value));
        return command;
    }
}
