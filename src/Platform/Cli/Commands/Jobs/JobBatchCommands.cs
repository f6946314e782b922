namespace Maestro.Bus.Cli;

/// <summary><c>maestro jobs batch</c>.</summary>
static class JobBatchCommands
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    public static Command Create(Terminal terminal)
    {
        var batch = new Command("batch", "Submits, lists, follows and cancels batches of jobs.");
        batch.Subcommands.Add(Submit(terminal));
        batch.Subcommands.Add(List(terminal));
        batch.Subcommands.Add(Show(terminal));
        batch.Subcommands.Add(Cancel(terminal));
        return batch;
    }

    static BusCommand Submit(Terminal terminal)
    {
        var type = new Argument<string>("kind") { Description = "The kind of job; 'jobs kinds' lists them." };
        var jobs = new Argument<string>("jobs") { Description = "The jobs: a JSON array, @file, or - for the standard input." };
        var name = new Option<string?>("--name") { Description = "What people call the batch.", HelpName = "text" };
        var id = new Option<Guid?>("--id")
        {
            Description = "Its id: submitting it again with the same one changes nothing.",
            HelpName = "id",
        };
        var (priority, delay, tenant, follow) = (JobOptions.Priority(), JobOptions.Delay(), JobOptions.Tenant(), JobOptions.Follow());

        return new BusCommand("submit", "Submits many jobs of one kind; one message is published when all have ended.",
            "jobs batch submit SendBulk @lists.json --name november --follow")
            .With(type, jobs, name, id, priority, delay, tenant, follow)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                var bodies = JobActionCommands.Json(await JobActionCommands.Text(parsed.GetValue(jobs)!, terminal, cancellationToken));
                if (bodies.ValueKind != JsonValueKind.Array)
                    throw new CommandException(ExitCode.Usage, "The jobs are no JSON array. Write [{…}, {…}].");

                var answer = await session.Client.Post(
                    "jobs/batches",
                    new JobBatchRequest(parsed.GetValue(type)!, [.. bodies.EnumerateArray()], parsed.GetValue(name), parsed.GetValue(id),
                        parsed.GetValue(priority), parsed.GetValue(delay), parsed.GetValue(tenant)),
                    cancellationToken);
                var submitted = answer.Deserialize<JobSubmitted>(JsonSerializerOptions.Web)!.Id;
                JobActionCommands.Say(session, answer, $"Submitted the batch {submitted}.");
                if (parsed.GetValue(follow))
                    await Follow(session, submitted, cancellationToken);
            });
    }

    static BusCommand List(Terminal terminal)
    {
        var limit = JobOptions.Limit("batches", 100, 1000);
        return new BusCommand("list", "Lists batches, the newest first.", "jobs batch list").With(limit)
            .Does(terminal, async (parsed, session, cancellationToken) =>
        {
            var answer = await session.Client.Get($"jobs/batches{Query.Of(("limit", parsed.GetValue(limit)))}", cancellationToken);
            if (session.Screen.IsJson)
                session.Screen.Json(answer);
            else
                session.Screen.Table(
                    ["ID", "NAME", "JOBS", "LEFT", "COMPLETED", "FAILED", "CANCELLED"],
                    answer.Deserialize<List<JobBatchView>>(JsonSerializerOptions.Web)!.Select(batch => new[]
                    {
                        $"{batch.Id}", batch.Name, $"{batch.Total}", $"{batch.Remaining}", $"{batch.Completed}", $"{batch.Failed}",
                        $"{batch.Canceled}",
                    }));
        });
    }

    static BusCommand Show(Terminal terminal)
    {
        var id = new Argument<Guid>("id") { Description = "The batch's id." };
        var follow = JobOptions.Follow();
        return new BusCommand(
            "show", "Shows how many jobs of a batch have ended, and how.", "jobs batch show 0b6f…", "jobs batch show 0b6f… --follow")
            .With(id, follow)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                if (parsed.GetValue(follow))
                    await Follow(session, parsed.GetValue(id), cancellationToken);

                var answer = await session.Client.Get($"jobs/batches/{parsed.GetValue(id)}", cancellationToken);
                JobActionCommands.Say(session, answer, Sentence(answer.Deserialize<JobBatchView>(JsonSerializerOptions.Web)!));
            });
    }

    static BusCommand Cancel(Terminal terminal)
    {
        var id = new Argument<Guid>("id") { Description = "The batch's id." };
        return new BusCommand("cancel", "Cancels the jobs of a batch that have not ended.", "jobs batch cancel 0b6f…").With(id)
            .Does(terminal, async (parsed, session, cancellationToken) =>
        {
            await session.Client.Post($"jobs/batches/{parsed.GetValue(id)}/cancel", null, cancellationToken);
            JobActionCommands.Say(session, default, $"Cancelled what was left of {parsed.GetValue(id)}.");
        });
    }

    static Task Follow(Session session, Guid id, CancellationToken cancellationToken)
    {
        if (session.Screen.IsInteractive)
            return session.Screen.Console.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                    new RemainingTimeColumn())
                .StartAsync(progress =>
                {
                    var bar = progress.AddTask($"{id}");
                    return Poll(session, id, batch =>
                    {
                        bar.Description = Markup.Escape(Screen.Printable(Sentence(batch)));
                        (bar.MaxValue, bar.Value) = (Math.Max(1, batch.Total), batch.Total == 0 ? 1 : batch.Total - batch.Remaining);
                    }, cancellationToken);
                });

        var last = "";
        return Poll(session, id, batch =>
        {
            if (!session.Screen.IsJson && Sentence(batch) is var now && now != last)
                session.Screen.Say(last = now);
        }, cancellationToken);
    }

    static async Task Poll(Session session, Guid id, Action<JobBatchView> show, CancellationToken cancellationToken)
    {
        var patience = new PatientClient(
            session, $"The batch {id} goes on where a host runs; 'maestro jobs batch show {id} --follow' follows it.");

        while (true)
        {
            var batch = (await patience.Get($"jobs/batches/{id}", cancellationToken)).Deserialize<JobBatchView>(JsonSerializerOptions.Web)!;
            show(batch);
            if (batch.Ended is not null)
                return;

            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }

    static string Sentence(JobBatchView batch) =>
        $"{batch.Name ?? $"{batch.Id}"}: {batch.Total - batch.Remaining} of {batch.Total} have ended, {batch.Completed} completed, "
            + $"{batch.Failed} failed, {batch.Canceled} cancelled";
}
