namespace Maestro.Bus.Persistence;

/// <summary>The groups' rows, as far as they are about alerts.</summary>
sealed class DeadLetterAlerts(DeadLetterDatabase database, TimeProvider time) : IDeadLetterAlerts
{
    public Task<IReadOnlyList<DeadLetterArrival>> Claim(TimeSpan quiet, TimeSpan lease, int limit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.Write<IReadOnlyList<DeadLetterArrival>>(
            async (connection, transaction) =>
            {
                var due = await DeadLetterDatabase.Query(
                    connection, transaction,
                    $"""
                    SELECT fingerprint, untold, total, queue, message_type, reason, exception_type, exception_message, place, newest_id,
                        last_stored FROM dead_letter_group
                    WHERE untold > 0 AND (claimed < @now OR claimed > @ahead) AND (told IS NULL OR told < @quiet OR told > @ahead)
                        ORDER BY fingerprint LIMIT {limit}{database.ForUpdate}
                    """,
                    row => new DeadLetterArrival(
                        row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3), DeadLetterRows.Text(row, 4), row.GetString(5),
                        DeadLetterRows.Text(row, 6),
                        DeadLetterRows.Text(row, 7), DeadLetterRows.Text(row, 8), row.GetInt64(9), DeadLetterRows.Time(row, 10)!.Value),
                    cancellationToken, ("now", now), ("quiet", now - (long)quiet.TotalMilliseconds),
                    ("ahead", now + Math.Max(60_000, 10 * (long)lease.TotalMilliseconds)));

                foreach (var arrival in due)
                    await DatabaseCommands.Execute(
                        connection, transaction, "UPDATE dead_letter_group SET claimed = @until WHERE fingerprint = @fingerprint",
                        cancellationToken,
                        ("fingerprint", arrival.Fingerprint), ("until", now + (long)lease.TotalMilliseconds));

                return due;
            },
            cancellationToken);
    }

    public Task Told(IReadOnlyList<DeadLetterArrival> arrivals, CancellationToken cancellationToken) => database.Write(
        async (connection, transaction) =>
        {
            foreach (var arrival in arrivals)
                await DatabaseCommands.Execute(
                    connection, transaction,
                    "UPDATE dead_letter_group SET untold = untold - @count, told = @now, claimed = 0 WHERE fingerprint = @fingerprint",
                    cancellationToken,
                    ("fingerprint", arrival.Fingerprint), ("count", arrival.Count), ("now", time.GetUtcNow().ToUnixTimeMilliseconds()));

            return true;
        },
        cancellationToken);
}
