using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Maestro.Bus.Persistence;

/// <summary>The dead letters in the tables of the platform.</summary>
sealed class DeadLetterStore(
    DeadLetterDatabase database, DeadLetterListeners listeners, DeadLetterRetrySignals signals, TimeProvider time) : IDeadLetterStore
{
    const int ReadAtOnce = 20;

    public async Task<int> Add(IReadOnlyList<DeadLetter> letters, CancellationToken cancellationToken)
    {
        if (letters.Count == 0)
            return 0;

        var rows = letters.Select(letter =>
        {
            var place = Fingerprint.PlaceOf(letter.Detail);
            var fingerprint = Fingerprint.Of(letter.ExceptionType, place, letter.MessageType, letter.Reason);
            return (Letter: letter, Place: place, Fingerprint: fingerprint, Row: DeadLetterRows.Write(letter, place, fingerprint));
        }).ToList();

        var (count, messages) = await database.Write(
            async (connection, transaction) =>
            {
                var changes = await DeadLetterDatabase.ExecuteMany(
                    connection, transaction, DeadLetterRows.Insert, [.. rows.Select(row => row.Row)], cancellationToken);
                var added = rows.Where((_, index) => changes[index] == 1).ToList();

                // In one order, so that two hosts do not wait for each other's groups.
                foreach (var group in added.GroupBy(row => row.Fingerprint).OrderBy(group => group.Key, StringComparer.Ordinal))
                    await Note(
                        connection, transaction, group.Key, group.Last().Letter, group.Last().Place, group.Count(), cancellationToken);

                return (added.Count, await listeners.Tell(connection, transaction, added.Select(row => row.Letter), cancellationToken));
            },
            cancellationToken);

        signals.Sent(messages);
        return count;
    }

    public Task<IReadOnlyList<StoredDeadLetter>> List(DeadLetterFilter filter, long? before, int limit, CancellationToken cancellationToken)
    {
        var (where, parameters) = DeadLetterConditions.Of(filter);
        if (before is { } number)
            parameters.Add(("before", number));

        return database.Read<IReadOnlyList<StoredDeadLetter>>(
            async connection => await DeadLetterDatabase.Query(
                connection, null,
                $"SELECT {DeadLetterRows.Columns} FROM dead_letter WHERE {where}{(before is null ? "" : " AND id < @before")} ORDER BY id "
                    + $"DESC LIMIT {limit}",
                DeadLetterRows.Read, cancellationToken, parameters),
            cancellationToken);
    }

    public Task<long> Count(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var (where, parameters) = DeadLetterConditions.Of(filter);
        return database.Read(
            async connection => Convert.ToInt64(
                await DeadLetterDatabase.Scalar(connection, null, $"SELECT count(*) FROM dead_letter WHERE {where}", cancellationToken,
                    parameters), CultureInfo.InvariantCulture),
            cancellationToken);
    }

    public Task<DeadLetterContent?> Find(long id, CancellationToken cancellationToken) => database.Read(
        async connection => (await DeadLetterDatabase.Query(
            connection, null, $"SELECT {DeadLetterRows.AllColumns} FROM dead_letter WHERE id = @id", DeadLetterRows.ReadAll,
            cancellationToken, ("id", id))).FirstOrDefault(),
        cancellationToken);

    public async IAsyncEnumerable<DeadLetterContent> Read(
        DeadLetterFilter filter, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (where, parameters) = DeadLetterConditions.Of(filter);
        var last = after;

        while (true)
        {
            var position = last;
            var letters = await database.Read(
                connection => DeadLetterDatabase.Query(
                    connection, null,
                    $"SELECT {DeadLetterRows.AllColumns} FROM dead_letter WHERE {where} AND id > @after ORDER BY id LIMIT {ReadAtOnce}",
                    DeadLetterRows.ReadAll,
                    cancellationToken, parameters.Append(("after", position))),
                cancellationToken);

            foreach (var letter in letters)
                yield return letter;

            if (letters.Count < ReadAtOnce)
                yield break;

            last = letters[^1].Letter.Id;
        }
    }

    public Task<IReadOnlyList<DeadLetterGroup>> Groups(DeadLetterFilter filter, int limit, CancellationToken cancellationToken)
    {
        var (where, parameters) = DeadLetterConditions.Of(filter);
        return database.Read<IReadOnlyList<DeadLetterGroup>>(
            async connection => await DeadLetterDatabase.Query(
                connection, null,
                $"""
                SELECT g.fingerprint, g.letters, g.queues, d.queue, d.message_type, d.reason, d.exception_type, d.exception_message,
                    d.place, g.first, g.last, g.newest
                FROM (SELECT fingerprint, count(*) AS letters, count(DISTINCT queue) AS queues, min(failed) AS first, max(failed) AS last,
                    max(id) AS newest
                      FROM dead_letter WHERE {where} GROUP BY fingerprint) g
                JOIN dead_letter d ON d.id = g.newest ORDER BY g.letters DESC, g.fingerprint LIMIT {limit}
                """,
                row => new DeadLetterGroup(
                    row.GetString(0), row.GetInt64(1), (int)row.GetInt64(2), row.GetString(3), DeadLetterRows.Text(row, 4),
                    row.GetString(5), DeadLetterRows.Text(row, 6),
                    DeadLetterRows.Text(row, 7), DeadLetterRows.Text(row, 8), DeadLetterRows.Time(row, 9)!.Value,
                    DeadLetterRows.Time(row, 10)!.Value, row.GetInt64(11)),
                cancellationToken, parameters),
            cancellationToken);
    }

    public Task<IReadOnlyList<DeadLetterCount>> Report(
        DeadLetterFilter filter, TimeSpan stretch, int limit, CancellationToken cancellationToken)
    {
        var (where, parameters) = DeadLetterConditions.Of(filter);
        var length = (long)stretch.TotalMilliseconds;
        return database.Read<IReadOnlyList<DeadLetterCount>>(
            async connection => await DeadLetterDatabase.Query(
                connection, null,
                $"""
                SELECT failed / {length} * {length} AS stretch, fingerprint, queue, tenant, count(*) FROM dead_letter WHERE {where}
                GROUP BY failed / {length} * {length}, fingerprint, queue, tenant ORDER BY stretch DESC, count(*) DESC LIMIT {limit}
                """,
                row => new DeadLetterCount(
                    DeadLetterRows.Time(row, 0)!.Value, row.GetString(1), row.GetString(2), DeadLetterRows.Text(row, 3), row.GetInt64(4)),
                cancellationToken, parameters),
            cancellationToken);
    }

    async Task Note(
        DbConnection connection, DbTransaction transaction, string fingerprint, DeadLetter letter, string? place, int count,
        CancellationToken cancellationToken) =>
        await DatabaseCommands.Execute(
            connection, transaction,
            """
            INSERT INTO dead_letter_group (fingerprint, queue, message_type, reason, exception_type, exception_message, place, newest_id,
                first_stored, last_stored, total, untold)
            VALUES (@fingerprint, @queue, @type, @reason, @exception, @text, @place, (SELECT id FROM dead_letter
                WHERE letter_key = @key), @now, @now, @count, @count)
            ON CONFLICT (fingerprint) DO UPDATE SET queue = excluded.queue, exception_message = excluded.exception_message,
                newest_id = excluded.newest_id,
                last_stored = excluded.last_stored, total = dead_letter_group.total + excluded.total,
                    untold = dead_letter_group.untold + excluded.untold
            """,
            cancellationToken,
            ("fingerprint", fingerprint),
            ("queue", letter.Queue),
            ("type", letter.MessageType),
            ("reason", letter.Reason),
            ("exception", letter.ExceptionType),
            ("text", DeadLetterRows.Shortened(letter.ExceptionMessage, 1_000)),
            ("place", place),
            ("key", letter.Key),
            ("now", time.GetUtcNow().ToUnixTimeMilliseconds()),
            ("count", (long)count));
}
