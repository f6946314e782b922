namespace Maestro.Bus.Jobs;

/// <summary>Gives ready jobs to a host: the most urgent first, and of those the oldest.</summary>
sealed class JobClaims(JobDatabase database, JobEvents events, JobSignals signals, IOutboxStore outbox)
{
    readonly JobSql _sql = new(database.IsPostgres);

    string Statement => $"""
        WITH next AS MATERIALIZED (
            SELECT sequence AS number FROM job WHERE state = 1 AND type = @type ORDER BY priority DESC, sequence
                LIMIT @limit {_sql.SkipLocked})
        UPDATE job SET state = 2, host = @host, attempt = attempt + 1, started = {_sql.Now} FROM next WHERE sequence = next.number
        RETURNING {JobRow.Columns}
        """;

    /// <summary>Takes up to <paramref name="limit"/> jobs of a kind, and no more than all hosts together may run.</summary>
    public async Task<List<JobRow>> Claim(string type, int? globalConcurrency, Guid host, int limit, CancellationToken cancellationToken)
    {
        var (jobs, messages) = await database.Write(
            async session =>
            {
                if (globalConcurrency is { } most)
                    limit = Math.Min(limit, most - await Running(session, type, cancellationToken));

                var claimed = limit <= 0 ? [] : await session.Query(
                    Statement, JobRow.Read, cancellationToken, Argument.Of("type", type), Argument.Of("limit", limit),
                    Argument.Of("host", host));
                var started = await events.Started(claimed);
                if (started.Count > 0)
                    await outbox.Insert(session.Connection, session.Transaction, started, cancellationToken);
                return (claimed, started);
            },
            cancellationToken);

        signals.Committed(messages);
        return [.. jobs.OrderByDescending(job => job.Priority).ThenBy(job => job.Sequence)];
    }

    // The row of the kind is what the hosts take turns at: counted without it, two hosts would both find the last slot free.
    async Task<int> Running(JobSession session, string type, CancellationToken cancellationToken)
    {
        await session.Query($"SELECT name FROM job_type WHERE name = @type {_sql.Lock}", row => row.GetString(0), cancellationToken,
            Argument.Of("type", type));
        return (await session.Query("SELECT count(*) FROM job WHERE state = 2 AND type = @type", row => (int)row.GetInt64(0),
            cancellationToken, Argument.Of("type", type)))[0];
    }
}
