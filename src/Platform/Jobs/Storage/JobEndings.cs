using System.Diagnostics;

namespace Maestro.Bus.Jobs;

/// <summary>
/// Writes down what has become of attempts: each in one transaction with its log, its parent, its batch, and the messages that tell of it.
/// An attempt that somebody else has taken over meanwhile changes nothing.
/// </summary>
sealed class JobEndings(
    JobDatabase database, JobBatches batches, JobEvents events, IOutboxStore outbox, IEnumerable<IScheduledRuns> schedules)
{
    const string Ends = "@state > 3 AND NOT (@state = 4 AND children_left > 0)";

    // A clock that has jumped ahead since the attempt began would put the next one off.
    readonly string _update = $"""
        UPDATE job SET
            state = CASE WHEN @state = 4 AND children_left > 0 THEN 3 WHEN @state = 0 AND canceled IS NOT NULL THEN 1 ELSE @state END,
            ended = CASE WHEN {Ends} THEN {new JobSql(database.IsPostgres).Now} ELSE NULL END,
            due = CASE
                WHEN @state > 1 THEN due
                WHEN {new JobSql(database.IsPostgres).Now} > started + @took + {JobSql.LargestDrift} THEN started + @took + @delay
                ELSE {new JobSql(database.IsPostgres).Now} + @delay END,
            failures = @failures, stalls = @stalls, host = NULL, reason = @reason, exceptions = @exceptions,
            progress_value = COALESCE(@value, progress_value), progress_limit = COALESCE(@limit, progress_limit)
        WHERE id = @id AND state = @was AND attempt = @attempt
        RETURNING {JobRow.Columns}
        """;

    readonly string _endParent = $"""
        UPDATE job SET
            state = CASE WHEN children_failed > 0 THEN 5 ELSE 4 END, ended = {new JobSql(database.IsPostgres).Now},
            reason = CASE WHEN children_failed > 0 THEN CAST(children_failed AS text) || ' of its children did not complete' ELSE reason END
        WHERE id = @id AND state = 3 AND children_left = 0
        RETURNING {JobRow.Columns}
        """;

    /// <summary>
    /// Writes them down within a transaction. Returns the jobs as they are now, and the messages that are to be sent once it is committed.
    /// </summary>
    public async Task<EndedJobs> End(JobSession session, IReadOnlyList<JobEnding> endings, CancellationToken cancellationToken)
    {
        var rows = await session.QueryEach(_update, JobRow.Read, [.. endings.Select(Arguments)], cancellationToken);
        await JobLogTable.Insert(
            session, endings.Select(ending => (ending.Job.Id, ending.Logs)), rows.Select(row => row.Id).ToHashSet(), cancellationToken);
        List<JobRow> parents = [];
        var reduced = endings.Where(ending => ending.IsReduced).Select(ending => ending.Job.Id).ToHashSet();
        var messages = await Tell(
            session, [.. rows.Where(row => row.Stage > JobStage.WaitingForChildren)], parents, reduced, cancellationToken);
        return new EndedJobs(rows, parents, messages);
    }

    async Task<List<WaitingMessage>> Tell(
        JobSession session, List<JobRow> ended, List<JobRow> parents, IReadOnlySet<Guid> reduced, CancellationToken cancellationToken)
    {
        List<WaitingMessage> messages = [];
        if (ended.Count == 0)
            return messages;

        messages.AddRange(await events.Ended(ended.FindAll(job => !reduced.Contains(job.Id))));
        foreach (var job in ended.Where(job => reduced.Contains(job.Id)))
            messages.AddRange(await TellIfPossible(job));
        if (messages.Count > 0)
            await outbox.Insert(session.Connection, session.Transaction, messages, cancellationToken);

        List<ScheduledRunEnd> runs = [.. ended.Select(JobRun.EndOf).OfType<ScheduledRunEnd>()];
        if (runs.Count > 0)
        {
            foreach (var scheduled in schedules)
                await scheduled.End(session.Connection, session.Transaction, runs, cancellationToken);
        }

        // A parent that nobody can be told of keeps no child from its end.
        var above = await EndParents(session, ended, cancellationToken);
        parents.AddRange(above);
        messages.AddRange(await Tell(
            session, above, parents, reduced.Count > 0 ? above.Select(job => job.Id).ToHashSet() : reduced, cancellationToken));
        messages.AddRange(await batches.Count(session, ended, cancellationToken));
        return messages;
    }

    // What it has done is not done again because nobody can be told of it.
    async Task<IReadOnlyList<WaitingMessage>> TellIfPossible(JobRow job)
    {
        try
        {
            return await events.Ended([job]);
        }
        catch (Exception)
        {
            // Whatever keeps its message from being written, as a property of the job that throws: whoever reduces it has logged it.
            return [];
        }
    }

    async Task<List<JobRow>> EndParents(JobSession session, List<JobRow> ended, CancellationToken cancellationToken)
    {
        List<JobRow> parents = [];

        foreach (var children in ended.Where(job => job.Parent is not null).GroupBy(job => job.Parent!.Value)
            .OrderBy(children => children.Key))
        {
            var waiting = await session.Query(
                """
                UPDATE job SET children_left = children_left - @count, children_failed = children_failed + @failed
                WHERE id = @id AND state < 4
                RETURNING CASE WHEN state = 3 AND children_left = 0 THEN 1 ELSE 0 END
                """,
                row => row.GetInt32(0), cancellationToken,
                Argument.Of("count", children.Count()), Argument.Of("failed", children.Count(child => child.Stage != JobStage.Completed)),
                Argument.Of("id", children.Key));

            if (waiting is [1])
                parents.AddRange(await session.Query(_endParent, JobRow.Read, cancellationToken, Argument.Of("id", children.Key)));
        }

        return parents;
    }

    static Argument[] Arguments(JobEnding ending) =>
    [
        Argument.Of("state", (int)ending.Stage),
        Argument.Of("delay", (long)ending.Delay.TotalMilliseconds),
        Argument.Of("took", ending.Begun is { } begun ? (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds : null),
        Argument.Of("failures", ending.Failures),
        Argument.Of("stalls", ending.Stalls),
        Argument.Of("reason", ending.Reason),
        Argument.Of("exceptions", ending.Exceptions),
        Argument.Of("value", ending.Progress?.Value),
        Argument.Of("limit", ending.Progress?.Limit),
        Argument.Of("id", ending.Job.Id),
        Argument.Of("was", (int)ending.Job.Stage),
        Argument.Of("attempt", ending.Job.Attempt),
    ];
}

/// <summary>The jobs as an ending has left them, the parents that have ended with them, and what is to be sent because of it.</summary>
sealed record EndedJobs(IReadOnlyList<JobRow> Rows, IReadOnlyList<JobRow> Parents, IReadOnlyList<WaitingMessage> Messages);
