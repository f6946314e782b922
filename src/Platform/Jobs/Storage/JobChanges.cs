namespace Maestro.Bus.Jobs;

/// <summary>What people do to jobs: cancel, retry, run now, delete.</summary>
sealed partial class JobChanges(
    JobDatabase database, JobEndings endings, JobBatches batches, JobSignals signals, ILogger<JobChanges> logger)
{
    readonly string _now = new JobSql(database.IsPostgres).Now;

    /// <summary>
    /// Cancels a job and its children: what waits has ended when this returns, and what runs is told to end. Cancelling what has ended
    /// changes nothing.
    /// </summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    public async Task Cancel(Guid id, string reason, CancellationToken cancellationToken)
    {
        var (running, ended) = await CancelTree(id, reason, cancellationToken);

        foreach (var jobs in ended)
            signals.Ended(jobs);
        foreach (var job in running)
            signals.Cancel(job.Id, reason);
    }

    /// <summary>Cancels the jobs of a batch that have not ended. Returns how many there were.</summary>
    public async Task<int> CancelBatch(Guid batch, string reason, CancellationToken cancellationToken)
    {
        var jobs = await database.Read(
            session => session.Query(
                "SELECT id FROM job WHERE batch = @batch AND state < 4 ORDER BY sequence", row => row.GetGuid(0), cancellationToken,
                Argument.Of("batch", batch)),
            cancellationToken);

        foreach (var job in jobs)
            await Cancel(job, reason, cancellationToken);

        return jobs.Count;
    }

    /// <summary>Has a job that has failed or was cancelled begin anew, with the state that it has saved.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">The job has not ended, or has completed.</exception>
    public async Task Retry(Guid id, CancellationToken cancellationToken)
    {
        var job = await database.Write(
            async session =>
            {
                var before = (await session.Query($"SELECT {JobRow.Columns} FROM job WHERE id = @id", JobRow.Read, cancellationToken,
                    Argument.Of("id", id))).FirstOrDefault()
                    ?? throw NotFound(id);
                var changed = await session.Execute(
                    $"""
                    UPDATE job SET state = 1, due = {_now}, ended = NULL, canceled = NULL, failures = 0, stalls = 0, reason = NULL,
                        exceptions = NULL,
                        children_failed = 0 WHERE id = @id AND state IN (5, 6)
                    """,
                    cancellationToken, Argument.Of("id", id));
                if (changed == 0)
                    throw new JobStateException(
                        $"The job {id} is {before.Stage}, and only one that has failed or was cancelled can be retried.");

                if (before.Batch is not null)
                    await batches.Reopen(session, before, cancellationToken);
                if (before.Parent is not null)
                    await session.Execute(
                        "UPDATE job SET children_left = children_left + 1, children_failed = children_failed - 1 WHERE id = @id AND "
                            + "state < 4", cancellationToken,
                        Argument.Of("id", before.Parent));
                return before;
            },
            cancellationToken);

        signals.Ready(job.Type);
    }

    /// <summary>Has a job that waits for its time begin now.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">The job does not wait for its time.</exception>
    public async Task RunNow(Guid id, CancellationToken cancellationToken)
    {
        var types = await database.Write(
            async session =>
            {
                var ready = await session.Query(
                    $"UPDATE job SET state = 1, due = {_now} WHERE id = @id AND state = 0 RETURNING type", row => row.GetString(0),
                    cancellationToken, Argument.Of("id", id));
                if (ready.Count == 0)
                    throw new JobStateException(
                        $"The job {id} is {await EnsureKnown(session, id, cancellationToken)}, and only one that waits for its time can "
                            + "be run now.");
                return ready;
            },
            cancellationToken);

        types.ForEach(signals.Ready);
    }

    /// <summary>Deletes a job that has ended, with its log.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">The job has not ended.</exception>
    public Task<bool> Delete(Guid id, CancellationToken cancellationToken) => database.Write(
        async session =>
        {
            await session.Execute(
                $"INSERT INTO job_past (id, ended) SELECT id, {_now} FROM job WHERE id = @id AND state > 3 ON CONFLICT (id) DO NOTHING",
                cancellationToken, Argument.Of("id", id));
            return await session.Execute("DELETE FROM job WHERE id = @id AND state > 3", cancellationToken, Argument.Of("id", id)) == 1
                ? true
                : throw new JobStateException(
                    $"The job {id} is {await EnsureKnown(session, id, cancellationToken)}, and only one that has ended can be deleted. "
                        + "Cancel it first.");
        },
        cancellationToken);

    /// <summary>Changes how many jobs of a kind run at a time, until it is changed again; nothing for what the settings say.</summary>
    public async Task SetConcurrency(string type, int? concurrency, int? globalConcurrency, CancellationToken cancellationToken)
    {
        await database.Write(
            session => session.Execute(
                """
                INSERT INTO job_type (name, concurrency, global_concurrency) VALUES (@name, @concurrency, @global)
                ON CONFLICT (name) DO UPDATE SET concurrency = excluded.concurrency, global_concurrency = excluded.global_concurrency
                """,
                cancellationToken, Argument.Of("name", type), Argument.Of("concurrency", concurrency),
                Argument.Of("global", globalConcurrency)),
            cancellationToken);
        signals.Ready(type);
    }

    async Task<(List<JobRow> Running, List<EndedJobs> Ended)> CancelTree(Guid id, string reason, CancellationToken cancellationToken)
    {
        try
        {
            return await CancelTree(id, reason, isReduced: false, cancellationToken);
        }
        catch (Exception exception) when (exception is not JobNotFoundException && !cancellationToken.IsCancellationRequested
            && !JobDatabase.IsCause(exception))
        {
            // One that nobody can be told of is cancelled all the same.
            NotTold(exception, id);
            return await CancelTree(id, reason, isReduced: true, cancellationToken);
        }
    }

    Task<(List<JobRow> Running, List<EndedJobs> Ended)> CancelTree(
        Guid id, string reason, bool isReduced, CancellationToken cancellationToken) => database.Write(
        async session =>
        {
            List<JobRow> running = [];
            List<EndedJobs> ended = [];
            if (await Cancel(session, id, reason, isReduced, running, ended, cancellationToken) == 0)
                await EnsureKnown(session, id, cancellationToken);
            return (running, ended);
        },
        cancellationToken);

    async Task<int> Cancel(
        JobSession session, Guid id, string reason, bool isReduced, List<JobRow> running, List<EndedJobs> ended,
        CancellationToken cancellationToken)
    {
        var rows = await session.Query(
            $"UPDATE job SET canceled = @reason WHERE id = @id AND state < 4 RETURNING {JobRow.Columns}", JobRow.Read, cancellationToken,
            Argument.Of("reason", reason), Argument.Of("id", id));

        foreach (var job in rows)
        {
            foreach (var child in await session.Query(
                "SELECT id FROM job WHERE parent = @id AND state < 4 ORDER BY id", row => row.GetGuid(0), cancellationToken,
                Argument.Of("id", id)))
                await Cancel(session, child, reason, isReduced, running, ended, cancellationToken);

            if (job.Stage == JobStage.Running)
                running.Add(job);
            else
                ended.Add(await endings.End(
                    session,
                    [
                        new JobEnding
                        {
                            Job = job,
                            Stage = JobStage.Canceled,
                            Reason = reason,
                            Failures = job.Failures,
                            Stalls = job.Stalls,
                            IsReduced = isReduced,
                        },
                    ],
                    cancellationToken));
        }

        return rows.Count;
    }

    static async Task<JobStage> EnsureKnown(JobSession session, Guid id, CancellationToken cancellationToken)
    {
        var stages = await session.Query(
            "SELECT state FROM job WHERE id = @id", row => (JobStage)row.GetInt32(0), cancellationToken, Argument.Of("id", id));
        return stages.Count == 1 ? stages[0] : throw NotFound(id);
    }

    static JobNotFoundException NotFound(Guid id) =>
        new($"There is no job {id}. It was never submitted, or is among those whose records are not kept any more.");

    [LoggerMessage(26, LogLevel.Error, "The job {Job} is cancelled, and nobody can be told of it, or of one of its children")]
    partial void NotTold(Exception exception, Guid job);
}
