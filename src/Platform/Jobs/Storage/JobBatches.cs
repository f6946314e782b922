using System.Data.Common;

namespace Maestro.Bus.Jobs;

/// <summary>The batches: how many of their jobs have not ended, and what is published when none is left.</summary>
sealed class JobBatches(JobDatabase database, IOutboxStore outbox, JobEvents events)
{
    const string Columns = "id, name, total, remaining, failed, canceled, created, ended, tenant, callback";

    readonly string _now = new JobSql(database.IsPostgres).Now;

    public Task Add(JobSession session, NewBatch batch, CancellationToken cancellationToken) => session.Execute(
        $"""
        INSERT INTO job_batch (id, name, total, remaining, created, tenant, callback)
            VALUES (@id, @name, @total, @total, {_now}, @tenant, @callback)
        ON CONFLICT (id) DO NOTHING
        """,
        cancellationToken,
        Argument.Of("id", batch.Id), Argument.Of("name", batch.Name), Argument.Of("total", batch.Total),
        Argument.Of("tenant", batch.Tenant),
        Argument.Of("callback", batch.Callback?.Write()));

    /// <summary>
    /// Counts jobs that have ended. The batch that none is left of has ended, too, and its one message is written in the same transaction.
    /// </summary>
    public async Task<IReadOnlyList<WaitingMessage>> Count(
        JobSession session, IEnumerable<JobRow> ended, CancellationToken cancellationToken)
    {
        var messages = new List<WaitingMessage>();

        foreach (var jobs in ended.Where(job => job.Batch is not null).GroupBy(job => job.Batch!.Value).OrderBy(jobs => jobs.Key))
        {
            var remaining = await session.Query(
                """
                UPDATE job_batch SET remaining = remaining - @count, failed = failed + @failed, canceled = canceled + @canceled
                WHERE id = @id AND ended IS NULL RETURNING remaining
                """,
                row => row.GetInt32(0), cancellationToken,
                Argument.Of("count", jobs.Count()), Argument.Of("failed", jobs.Count(job => job.Stage == JobStage.Faulted)),
                Argument.Of("canceled", jobs.Count(job => job.Stage == JobStage.Canceled)), Argument.Of("id", jobs.Key));

            if (remaining is [0])
                messages.AddRange(await End(session, jobs.Key, cancellationToken));
        }

        return messages;
    }

    /// <summary>Ends a batch that never had a job.</summary>
    public async Task<IReadOnlyList<WaitingMessage>> EndEmpty(JobSession session, Guid id, CancellationToken cancellationToken) =>
        await End(session, id, cancellationToken);

    /// <summary>A job of a batch is run once more.</summary>
    public Task Reopen(JobSession session, JobRow job, CancellationToken cancellationToken) => session.Execute(
        "UPDATE job_batch SET remaining = remaining + 1, failed = failed - @failed, canceled = canceled - @canceled WHERE id = @id AND "
            + "ended IS NULL", cancellationToken,
        Argument.Of("failed", job.Stage == JobStage.Faulted ? 1 : 0), Argument.Of("canceled", job.Stage == JobStage.Canceled ? 1 : 0),
        Argument.Of("id", job.Batch));

    public Task<JobBatchInfo?> Find(Guid id, CancellationToken cancellationToken) => database.Read(
        async session =>
            (await session.Query($"SELECT {Columns} FROM job_batch WHERE id = @id", Read, cancellationToken, Argument.Of("id", id)))
                .FirstOrDefault().Batch,
        cancellationToken);

    public Task<List<JobBatchInfo>> List(int limit, CancellationToken cancellationToken) => database.Read(
        async session => (await session.Query(
            $"SELECT {Columns} FROM job_batch ORDER BY created DESC LIMIT @limit", Read, cancellationToken, Argument.Of("limit", limit)))
            .ConvertAll(row => row.Batch!),
        cancellationToken);

    public Task<int> Forget(TimeSpan retention, CancellationToken cancellationToken) => database.Write(
        session => session.Execute($"DELETE FROM job_batch WHERE ended < {_now} - @retention", cancellationToken,
            Argument.Of("retention", (long)retention.TotalMilliseconds)),
        cancellationToken);

    async Task<List<WaitingMessage>> End(JobSession session, Guid id, CancellationToken cancellationToken)
    {
        var messages = new List<WaitingMessage>();
        var ended = await session.Query(
            $"UPDATE job_batch SET ended = {_now} WHERE id = @id AND ended IS NULL RETURNING {Columns}", Read, cancellationToken,
            Argument.Of("id", id));

        foreach (var (batch, callback) in ended)
            messages.AddRange(
                callback is null ? await events.BatchCompleted(batch!) : [StoredMessage.Read(callback).ToOutbox(id.ToString("n"))]);

        if (messages.Count > 0)
            await outbox.Insert(session.Connection, session.Transaction, messages, cancellationToken);

        return messages;
    }

    static (JobBatchInfo? Batch, string? Callback) Read(DbDataReader row) => (
        new JobBatchInfo(
            row.GetGuid(0), JobRow.TextOrNull(row, 1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5),
            JobRow.Time(row.GetInt64(6)), JobRow.TimeOrNull(row, 7), JobRow.TextOrNull(row, 8)),
        JobRow.TextOrNull(row, 9));
}
