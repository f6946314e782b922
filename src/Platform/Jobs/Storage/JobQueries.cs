namespace Maestro.Bus.Jobs;

/// <summary>Reads jobs for people.</summary>
sealed class JobQueries(JobDatabase database)
{
    // As JobInfo tells it.
    const string Canceling = "state = 2 AND canceled IS NOT NULL";

    public Task<JobRow?> Find(Guid id, CancellationToken cancellationToken) => database.Read(
        async session =>
            (await session.Query($"SELECT {JobRow.Columns} FROM job WHERE id = @id", JobRow.Read, cancellationToken, Argument.Of("id", id)))
                .FirstOrDefault(),
        cancellationToken);

    /// <summary>The jobs that a filter takes, the newest first.</summary>
    public Task<List<JobRow>> List(JobFilter filter, CancellationToken cancellationToken)
    {
        List<string> conditions = ["true"];
        List<Argument> arguments = [Argument.Of("limit", filter.Limit)];

        Add(filter.Type is not null, "type = @type", Argument.Of("type", filter.Type));
        Add(filter.Queue is not null, "queue = @queue", Argument.Of("queue", filter.Queue));
        Add(filter.Tenant is not null, "tenant = @tenant", Argument.Of("tenant", filter.Tenant));
        Add(filter.Stage is not null, "state = @state", Argument.Of("state", (int?)filter.Stage));
        if (filter.IsCanceling is { } isCanceling)
            conditions.Add(isCanceling ? Canceling : $"NOT ({Canceling})");
        Add(filter.Batch is not null, "batch = @batch", Argument.Of("batch", filter.Batch));
        Add(filter.Parent is not null, "parent = @parent", Argument.Of("parent", filter.Parent));
        Add(filter.Before is not null, "sequence < @before", Argument.Of("before", filter.Before));

        return database.Read(
            session => session.Query(
                $"SELECT {JobRow.Columns} FROM job WHERE {string.Join(" AND ", conditions)} ORDER BY sequence DESC LIMIT @limit",
                JobRow.Read, cancellationToken, [.. arguments]),
            cancellationToken);

        void Add(bool applies, string condition, Argument argument)
        {
            if (!applies)
                return;

            conditions.Add(condition);
            arguments.Add(argument);
        }
    }

    /// <summary>The lines that a job has logged after a line, in their order.</summary>
    public Task<List<JobLogLine>> Logs(Guid id, long after, int limit, CancellationToken cancellationToken) => database.Read(
        session => session.Query(
            "SELECT sequence, attempt, time, level, category, text FROM job_log WHERE job = @id AND sequence > @after ORDER BY sequence "
                + "LIMIT @limit",
            row => new JobLogLine(row.GetInt64(0), row.GetInt32(1), JobRow.Time(row.GetInt64(2)), (LogLevel)row.GetInt32(3),
                row.GetString(4), row.GetString(5)), cancellationToken,
            Argument.Of("id", id), Argument.Of("after", after), Argument.Of("limit", limit)),
        cancellationToken);

    /// <summary>How many jobs there are of each kind and stage.</summary>
    public Task<List<JobCount>> Count(CancellationToken cancellationToken) => database.Read(
        session => session.Query(
            $"""
            SELECT type, queue, state, canceling, count(*)
                FROM (SELECT type, queue, state, CASE WHEN {Canceling} THEN 1 ELSE 0 END AS canceling FROM job) counted
            GROUP BY type, queue, state, canceling ORDER BY type, state, canceling
            """,
            row => new JobCount(row.GetString(0), row.GetString(1), (JobStage)row.GetInt32(2), row.GetInt32(3) == 1, row.GetInt64(4)),
            cancellationToken),
        cancellationToken);
}
