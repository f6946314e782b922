namespace Maestro.Bus.Cli;

/// <summary>Follows a job until it has ended.</summary>
static class JobWatch
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <summary>Shows its progress, and its log lines where they are wanted, as they come.</summary>
    /// <returns>The job as it has ended.</returns>
    /// <exception cref="CommandException">It has not completed.</exception>
    public static async Task<JobView> Follow(Session session, Guid id, bool showsLogs, CancellationToken cancellationToken)
    {
        var job = session.Screen.IsInteractive && !showsLogs
            ? await session.Screen.Console.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                    new ElapsedTimeColumn())
                .StartAsync(progress =>
                {
                    var bar = progress.AddTask($"{id}", maxValue: 1);
                    return Poll(session, id, (now, _) => Show(bar, now), cancellationToken);
                })
            : await Poll(session, id, Lines(session.Screen, showsLogs), cancellationToken);

        return job.State == "completed" ? job : throw new CommandException(ExitCode.Refused, $"The job {id} is {job.State}. {job.Reason}");
    }

    static void Show(ProgressTask bar, JobView job)
    {
        bar.Description = Markup.Escape(Screen.Printable($"{job.Type} {job.State} {JobTables.Progress(job)}"));
        bar.MaxValue = job.ProgressLimit ?? 1;
        bar.Value = job.State == "completed" ? bar.MaxValue : job.Progress ?? 0;
    }

    static Action<JobView, IReadOnlyList<JobLogView>> Lines(Screen screen, bool showsLogs)
    {
        var last = "";
        return (job, lines) =>
        {
            if (screen.IsJson)
                return;
            if (showsLogs)
                JobTables.Lines(screen, lines);

            var now = string.Join(' ',
                new[] { job.State, JobTables.Progress(job), job.State == "completed" ? job.Reason : null }.Where(part => part is not null));
            if (now != last)
                screen.Say(now);
            last = now;
        };
    }

    static async Task<JobView> Poll(
        Session session, Guid id, Action<JobView, IReadOnlyList<JobLogView>> show, CancellationToken cancellationToken)
    {
        var after = 0L;
        var patience = new PatientClient(session, $"The job {id} goes on where a host runs; 'maestro jobs show {id} --follow' follows it.");

        while (true)
        {
            // The job first: the lines of one that has ended are all there.
            var job = (await patience.Get($"jobs/{id}", cancellationToken)).Deserialize<JobView>(JsonSerializerOptions.Web)!;
            var lines = (await patience.Get($"jobs/{id}/logs{Query.Of(("after", after))}", cancellationToken))
                .Deserialize<List<JobLogView>>(JsonSerializerOptions.Web)!;
            if (lines.Count > 0)
                after = lines[^1].Number;

            show(job, lines);
            if (job.HasEnded)
                return job;

            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }
}
