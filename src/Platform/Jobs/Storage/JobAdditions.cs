namespace Maestro.Bus.Jobs;

/// <summary>Adds jobs. What has the id of a job that is there, or was, changes nothing.</summary>
sealed class JobAdditions(JobDatabase database, JobSignals signals, JobBatches batches, JobEvents events, IOutboxStore outbox)
{
    readonly string _insert = $"""
        INSERT INTO job (id, type, queue, state, priority, due, created, tenant, correlation, properties, body, parent, batch, remembered)
        SELECT @id, @type, @queue, CASE WHEN @delay > 0 THEN 0 ELSE 1 END, @priority, {new JobSql(database.IsPostgres).Now} + @delay,
            {new JobSql(database.IsPostgres).Now},
               @tenant, @correlation, @properties, @body, @parent, @batch, @remembered
        WHERE NOT EXISTS (SELECT 1 FROM job_past WHERE id = @id)
        ON CONFLICT (id) DO NOTHING
        RETURNING id
        """;

    /// <summary>Adds jobs, all or none, and a batch where they belong to one. Returns those that are new.</summary>
    /// <exception cref="JobNotFoundException">A job's parent is not there, or has ended.</exception>
    public async Task<IReadOnlySet<Guid>> Add(
        IReadOnlyList<NewJob> jobs, NewBatch? batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (added, messages) = await database.Write(
            async session =>
            {
                if (batch is not null)
                    await batches.Add(session, batch, cancellationToken);

                var ids = (await session.QueryEach(
                    _insert, row => row.GetGuid(0), [.. jobs.Select(job => Arguments(job, now))], cancellationToken)).ToHashSet();
                await AddToParents(session, jobs.Where(job => ids.Contains(job.Id)), cancellationToken);
                var submitted = await events.Submitted([.. jobs.Where(job => ids.Contains(job.Id))], now);
                if (submitted.Count > 0)
                    await outbox.Insert(session.Connection, session.Transaction, submitted, cancellationToken);

                IReadOnlyList<WaitingMessage> ended =
                    batch is { Total: 0 } ? await batches.EndEmpty(session, batch.Id, cancellationToken) : [];
                return (ids, submitted.Concat(ended).ToList());
            },
            cancellationToken);

        signals.Committed(messages);
        foreach (var type in jobs.Where(job => added.Contains(job.Id)).Select(job => job.Type).Distinct())
            signals.Ready(type);
        if (jobs.Any(job => job.Due > now))
            signals.Later();

        return added;
    }

    static async Task AddToParents(JobSession session, IEnumerable<NewJob> jobs, CancellationToken cancellationToken)
    {
        foreach (var children in jobs.Where(job => job.Parent is not null).GroupBy(job => job.Parent!.Value)
            .OrderBy(children => children.Key))
        {
            var updated = await session.Execute(
                "UPDATE job SET children_left = children_left + @count WHERE id = @id AND state < 4", cancellationToken,
                Argument.Of("count", children.Count()), Argument.Of("id", children.Key));

            if (updated == 0)
                throw new JobNotFoundException(
                    $"The job {children.Key} cannot be given children: it is not there, or has ended. Add children while their parent "
                        + "runs, or before.");
        }
    }

    static Argument[] Arguments(NewJob job, DateTimeOffset now) =>
    [
        Argument.Of("id", job.Id),
        Argument.Of("type", job.Type),
        Argument.Of("queue", job.Queue),
        Argument.Of("delay", job.Due is { } due && due > now ? (long)Math.Ceiling((due - now).TotalMilliseconds) : 0L),
        Argument.Of("priority", job.Priority),
        Argument.Of("tenant", job.Tenant),
        Argument.Of("correlation", job.Correlation),
        Argument.Of("properties", job.Properties),
        Argument.Of("body", job.Body),
        Argument.Of("parent", job.Parent),
        Argument.Of("batch", job.Batch),
        Argument.Of("remembered", job.IsRemembered ? 1 : 0),
    ];
}
