using System.Data.Common;
using System.Globalization;
using System.Text.Json;

namespace Maestro.Bus.Persistence;

/// <summary>The operations on dead letters, and their rows.</summary>
sealed class DeadLetterOperations(
    DeadLetterDatabase database,
    DeadLetterMoves moves,
    DeadLetterDeliveries deliveries,
    DeadLetterRetrySignals signals,
    IDeadLetterStore store,
    TimeProvider time)
    : IDeadLetterOperations
{
    const string Columns = "id, kind, filter, target, state, total, done, created, created_by, updated, error";

    public async Task<DeadLetterOutcome?> Apply(long id, DeadLetterAction action, CancellationToken cancellationToken)
    {
        if (await store.Find(id, cancellationToken) is not { Letter: var letter })
            return null;

        var (count, messages) = await database.Write(
            (connection, transaction) => moves.Apply(connection, transaction, [id], action, cancellationToken), cancellationToken);
        signals.Sent(messages);

        // Somebody else may have been faster.
        if (count != 1)
            throw new DeadLetterStateException(Refusal((await store.Find(id, cancellationToken))?.Letter ?? letter, action.Kind));

        return messages is [var message] && !await deliveries.IsDelivered(message, cancellationToken)
            ? new DeadLetterOutcome(letter, IsDelivered: false, deliveries.Reason(message.Destination))
            : new DeadLetterOutcome(letter, IsDelivered: true);
    }

    public async Task<Guid?> Edit(long id, DeadLetterEdit edit, CancellationToken cancellationToken)
    {
        var message = await database.Write(
            (connection, transaction) => moves.Edit(connection, transaction, id, edit, cancellationToken), cancellationToken);
        if (message is not null)
        {
            signals.Sent([message]);
            return message.MessageId;
        }

        return await store.Find(id, cancellationToken) is { Letter: var letter }
            ? throw new DeadLetterStateException(Refusal(letter, DeadLetterActionKind.Retry))
            : null;
    }

    public async Task<DeadLetterOperation> Begin(DeadLetterFilter filter, DeadLetterAction action, CancellationToken cancellationToken)
    {
        var (where, parameters) = DeadLetterConditions.Of(action.Of(filter));
        var id = await database.Write(
            async (connection, transaction) =>
            {
                var (total, last) = (await DeadLetterDatabase.Query(
                    connection, transaction, $"SELECT count(*), coalesce(max(id), 0) FROM dead_letter WHERE {where}",
                    row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, parameters))[0];
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();

                return Convert.ToInt64(
                    await DeadLetterDatabase.Scalar(
                        connection, transaction,
                        """
                        INSERT INTO dead_letter_operation (kind, filter, target, state, total, last_id, created, created_by, updated)
                        VALUES (@kind, @filter, @target, @state, @total, @last, @now, @by, @now) RETURNING id
                        """,
                        cancellationToken,
                        ("kind", $"{action.Kind}"), ("filter", JsonSerializer.Serialize(filter)), ("target", action.Target),
                        ("state", total == 0 ? DeadLetterOperation.Finished : DeadLetterOperation.Running), ("total", total),
                        ("last", last), ("now", now), ("by", action.By)),
                    CultureInfo.InvariantCulture);
            },
            cancellationToken);

        signals.Began();
        return (await Find(id, cancellationToken))!;
    }

    public Task<IReadOnlyList<DeadLetterOperation>> List(int limit, CancellationToken cancellationToken) =>
        database.Read<IReadOnlyList<DeadLetterOperation>>(
            async connection => await DeadLetterDatabase.Query(
                connection, null, $"SELECT {Columns} FROM dead_letter_operation ORDER BY id DESC LIMIT {limit}", Read, cancellationToken),
            cancellationToken);

    public Task<DeadLetterOperation?> Find(long id, CancellationToken cancellationToken) => database.Read(
        async connection => (await DeadLetterDatabase.Query(
            connection, null, $"SELECT {Columns} FROM dead_letter_operation WHERE id = @id", Read, cancellationToken, ("id", id)))
            .FirstOrDefault(),
        cancellationToken);

    public Task<bool> Stop(long id, CancellationToken cancellationToken) =>
        Change(id, DeadLetterOperation.Running, DeadLetterOperation.Stopped, cancellationToken);

    public async Task<bool> Resume(long id, CancellationToken cancellationToken)
    {
        var isResumed = await Change(id, DeadLetterOperation.Stopped, DeadLetterOperation.Running, cancellationToken);
        signals.Began();
        return isResumed;
    }

    internal static DeadLetterOperation Read(DbDataReader row) => new(
        row.GetInt64(0),
        Enum.Parse<DeadLetterActionKind>(row.GetString(1)),
        JsonSerializer.Deserialize<DeadLetterFilter>(row.GetString(2))!,
        DeadLetterRows.Text(row, 3),
        row.GetString(4),
        row.GetInt64(5),
        row.GetInt64(6),
        DeadLetterRows.Time(row, 7)!.Value,
        DeadLetterRows.Text(row, 8),
        DeadLetterRows.Time(row, 9)!.Value,
        DeadLetterRows.Text(row, 10));

    Task<bool> Change(long id, string from, string to, CancellationToken cancellationToken) => database.Write(
        async (connection, transaction) => await DatabaseCommands.Execute(
            connection, transaction,
            "UPDATE dead_letter_operation SET state = @to, leased = 0, updated = @now WHERE id = @id AND state = @from", cancellationToken,
            ("id", id), ("from", from), ("to", to), ("now", time.GetUtcNow().ToUnixTimeMilliseconds())) == 1,
        cancellationToken);

    static string Refusal(StoredDeadLetter letter, DeadLetterActionKind kind) => kind == DeadLetterActionKind.Restore
        ? $"The dead letter {letter.Id} is {State(letter)}, and only discarded ones can be restored."
        : $"The dead letter {letter.Id} is {State(letter)} already{(letter.ChangedAt is { } changed
            ? $", since {changed:u} by {letter.ChangedBy}"
            : "")}, and this needs one that waits.";

    static string State(StoredDeadLetter letter) => $"{letter.State}".ToLowerInvariant();
}
