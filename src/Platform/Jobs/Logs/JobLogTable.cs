namespace Maestro.Bus.Jobs;

/// <summary>The table that holds what jobs have logged.</summary>
static class JobLogTable
{
    const string Statement =
        "INSERT INTO job_log (job, attempt, time, level, category, text) VALUES (@job, @attempt, @time, @level, @category, @text)";

    /// <summary>Writes the lines of the jobs that are known to be there.</summary>
    public static Task Insert(JobSession session, IEnumerable<(Guid Job, IReadOnlyList<JobLogLine> Lines)> logs, HashSet<Guid> known,
        CancellationToken cancellationToken)
    {
        var lines = logs.Where(log => known.Contains(log.Job)).SelectMany(log => log.Lines.Select(line => Arguments(log.Job, line)))
            .ToList();
        return lines.Count == 0 ? Task.CompletedTask : session.ExecuteEach(Statement, lines, cancellationToken);
    }

    static Argument[] Arguments(Guid job, JobLogLine line) =>
    [
        Argument.Of("job", job),
        Argument.Of("attempt", line.Attempt),
        Argument.Of("time", line.Time.ToUnixTimeMilliseconds()),
        Argument.Of("level", (int)line.Level),
        Argument.Of("category", line.Category),
        Argument.Of("text", line.Text),
    ];
}
