namespace Maestro.Bus.Jobs;

/// <summary>Writes down what running jobs report: their state at once, their progress and logs now and then.</summary>
sealed class JobJournal(JobDatabase database)
{
    const string Fence = "WHERE id = @id AND state = 2 AND attempt = @attempt";

    /// <summary>Saves a job's own state; <c>false</c> where the attempt is over for everybody else.</summary>
    public async Task<bool> Save(JobRow job, string? state, JobProgress? progress, CancellationToken cancellationToken) =>
        await database.Write(
            session => session.Execute(
                $"UPDATE job SET saved = @saved, progress_value = COALESCE(@value, progress_value), progress_limit = COALESCE(@limit, "
                    + $"progress_limit) {Fence}", cancellationToken,
                Argument.Of("saved", state), Argument.Of("value", progress?.Value), Argument.Of("limit", progress?.Limit),
                Argument.Of("id", job.Id), Argument.Of("attempt", job.Attempt)),
            cancellationToken) == 1;

    /// <summary>Writes the progress and the new log lines of several jobs.</summary>
    public Task Report(IReadOnlyList<JobReport> reports, CancellationToken cancellationToken) => database.Write(
        async session =>
        {
            await session.ExecuteEach(
                $"UPDATE job SET progress_value = @value, progress_limit = @limit {Fence}",
                [.. reports.Where(report => report.Progress is not null).OrderBy(report => report.Job.Id).Select(Arguments)],
                cancellationToken);
            await JobLogTable.Insert(session, reports.Select(report => (report.Job.Id, report.Logs)),
                await Known(session, reports, cancellationToken), cancellationToken);
            return true;
        },
        cancellationToken);

    static async Task<HashSet<Guid>> Known(JobSession session, IReadOnlyList<JobReport> reports, CancellationToken cancellationToken) =>
        (await session.QueryEach(
            "SELECT id FROM job WHERE id = @id", row => row.GetGuid(0),
            [.. reports.Where(report => report.Logs.Count > 0).Select(report => new[] { Argument.Of("id", report.Job.Id) })],
            cancellationToken)).ToHashSet();

    static Argument[] Arguments(JobReport report) =>
    [
        Argument.Of("value", report.Progress?.Value), Argument.Of("limit", report.Progress?.Limit), Argument.Of("id", report.Job.Id),
        Argument.Of("attempt", report.Job.Attempt),
    ];
}

/// <summary>What a running job has to report.</summary>
/// <param name="Job">The job.</param>
/// <param name="Progress">How far it is; null where that has been reported.</param>
/// <param name="Logs">The lines that are new.</param>
/// <param name="TakeBack">Gives the job back what could not be written down.</param>
/// <param name="End">Tells the job that the report is written down or taken back.</param>
sealed record JobReport(JobRow Job, JobProgress? Progress, IReadOnlyList<JobLogLine> Logs, Action TakeBack, Action End);
