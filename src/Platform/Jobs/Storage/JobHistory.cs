namespace Maestro.Bus.Jobs;

/// <summary>Forgets jobs that have ended, but for the last ones of each queue.</summary>
sealed class JobHistory(JobDatabase database, JobServiceSettings settings)
{
    const int Chunk = 2_000;

    readonly JobSql _sql = new(database.IsPostgres);

    /// <summary>Forgets those of a queue that are too many. Each chunk is a transaction of its own, so that nobody waits long.</summary>
    public async Task Trim(string queue, CancellationToken cancellationToken)
    {
        foreach (var stage in new[] { JobStage.Completed, JobStage.Faulted, JobStage.Canceled })
        {
            while (await Trim(queue, stage, cancellationToken) == Chunk)
                await Task.Yield();
        }
    }

    /// <summary>Forgets the ids of jobs that were forgotten long ago.</summary>
    public Task<int> ForgetIds(CancellationToken cancellationToken) => database.Write(
        session => session.Execute(
            $"DELETE FROM job_past WHERE id IN (SELECT id FROM job_past WHERE ended < {_sql.Now} - @retention ORDER BY ended LIMIT "
                + $"{Chunk * 10})", cancellationToken,
            Argument.Of("retention", (long)settings.IdRetention.TotalMilliseconds)),
        cancellationToken);

    async Task<int> Trim(string queue, JobStage stage, CancellationToken cancellationToken)
    {
        // What has ended later than now is of a clock that was ahead, and must not stand before all that ends from now on.
        var surplus = await database.Read(
            session => session.Query(
                $"""
                SELECT sequence FROM job WHERE queue = @queue AND state = {(int)stage}
                ORDER BY CASE WHEN ended > {_sql.Now} + {JobSql.LargestDrift} THEN 0 ELSE ended END DESC, sequence DESC
                LIMIT {Chunk} OFFSET @keep
                """,
                row => row.GetInt64(0), cancellationToken,
                Argument.Of("queue", queue),
                Argument.Of("keep", stage == JobStage.Completed ? settings.KeepCompleted : settings.KeepFailed)),
            cancellationToken);
        if (surplus.Count == 0)
            return 0;

        // A job may have been retried since.
        var chosen = $"sequence IN ({string.Join(',', surplus)}) AND state = {(int)stage}";
        return await database.Write(
            async session =>
            {
                await session.Execute(
                    $"INSERT INTO job_past (id, ended) SELECT id, {_sql.Now} FROM job WHERE {chosen} AND remembered = 1 ON CONFLICT (id) "
                        + "DO NOTHING", cancellationToken);
                await session.Execute($"DELETE FROM job WHERE {chosen}", cancellationToken);
                return surplus.Count;
            },
            cancellationToken);
    }
}
