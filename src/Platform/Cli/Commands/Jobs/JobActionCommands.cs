namespace Maestro.Bus.Cli;

/// <summary>The commands that do something with jobs.</summary>
static class JobActionCommands
{
    public static IEnumerable<Command> Create(Terminal terminal)
    {
        yield return Submit(terminal);
        yield return Cancel(terminal);
        yield return Action(terminal, "retry",
            "Has jobs that have failed or were cancelled begin anew, with the state that they have saved.", "jobs retry 0b6f…");
        yield return Action(terminal, "run", "Has jobs that wait for their time begin now.", "jobs run 0b6f…");
        yield return Delete(terminal);
        yield return Concurrency(terminal);
    }

    static BusCommand Submit(Terminal terminal)
    {
        var type = new Argument<string>("kind") { Description = "The kind of job; 'jobs kinds' lists them." };
        var job = new Argument<string>("job") { Description = "The job: a JSON text, @file, or - for the standard input." };
        var id = new Option<Guid?>("--id")
        {
            Description = "Its id: submitting it again with the same one changes nothing.",
            HelpName = "id",
        };
        var parent = new Option<Guid?>("--parent")
        {
            Description = "The job that is not completed before this one has ended.",
            HelpName = "id",
        };
        var (priority, delay, tenant, follow) = (JobOptions.Priority(), JobOptions.Delay(), JobOptions.Tenant(), JobOptions.Follow());

        return new BusCommand("submit", "Submits a job.", "jobs submit SendBulk @list.json --follow",
            "jobs submit SendBulk '{\"channel\":\"internal\"}' --delay 5m --priority 9")
            .With(type, job, id, priority, delay, parent, tenant, follow)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                var request = new JobRequest(
                    parsed.GetValue(type)!, Json(await Text(parsed.GetValue(job)!, terminal, cancellationToken)), parsed.GetValue(id),
                    parsed.GetValue(priority), parsed.GetValue(delay),
                    parsed.GetValue(parent), parsed.GetValue(tenant));
                var answer = await session.Client.Post("jobs", request, cancellationToken);
                var submitted = answer.Deserialize<JobSubmitted>(JsonSerializerOptions.Web)!.Id;
                Say(session, answer, $"Submitted {submitted}.");
                if (parsed.GetValue(follow))
                    await JobWatch.Follow(session, submitted, showsLogs: false, cancellationToken);
            });
    }

    static BusCommand Cancel(Terminal terminal)
    {
        var ids = JobOptions.Ids();
        var reason = new Option<string?>("--reason") { Description = "Why, for whoever looks at it later.", HelpName = "text" };
        return new BusCommand("cancel", "Cancels jobs and their children, running ones too.", "jobs cancel 0b6f…",
            "jobs cancel 0b6f… --reason \"sent by hand\"")
            .With(ids, reason)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                foreach (var id in parsed.GetValue(ids)!)
                {
                    await session.Client.Post($"jobs/{id}/cancel", new JobCancellation(parsed.GetValue(reason)), cancellationToken);
                    var job = (await session.Client.Get($"jobs/{id}", cancellationToken)).Deserialize<JobView>(JsonSerializerOptions.Web)!;
                    Say(session, default,
                        job.State is "completed" or "faulted" ? $"{id} had ended before: it is {job.State}." : $"Cancelled {id}.");
                }
            });
    }

    static BusCommand Action(Terminal terminal, string name, string description, params string[] examples)
    {
        var ids = JobOptions.Ids();
        return new BusCommand(name, description, examples).With(ids).Does(terminal, async (parsed, session, cancellationToken) =>
        {
            foreach (var id in parsed.GetValue(ids)!)
            {
                await session.Client.Post($"jobs/{id}/{name}", null, cancellationToken);
                Say(session, default, $"Done: {name} {id}.");
            }
        });
    }

    static BusCommand Delete(Terminal terminal)
    {
        var ids = JobOptions.Ids();
        return new BusCommand("delete", "Deletes jobs that have ended, with their logs. Needs the role admin.", "jobs delete 0b6f…")
            .With(ids)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                foreach (var id in parsed.GetValue(ids)!)
                {
                    await session.Client.Delete($"jobs/{id}", cancellationToken);
                    Say(session, default, $"Deleted {id}.");
                }
            });
    }

    static BusCommand Concurrency(Terminal terminal)
    {
        var kind = new Argument<string>("kind") { Description = "The kind of job." };
        var process = new Option<int?>("--per-process")
        {
            Description = "How many in one process; without it what the settings say.",
            HelpName = "number",
        };
        var all = new Option<int?>("--in-all")
        {
            Description = "How many in all processes together; without it what the settings say.",
            HelpName = "number",
        };
        return new BusCommand(
                "concurrency",
                "Changes how many jobs of a kind run at a time, on all hosts, until it is changed again. Needs the role admin.",
                "jobs concurrency SendBulk --per-process 2", "jobs concurrency SendBulk")
            .With(kind, process, all)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                await session.Client.Put(
                    $"jobs/kinds/{Uri.EscapeDataString(parsed.GetValue(kind)!)}/concurrency",
                    new JobConcurrency(parsed.GetValue(process), parsed.GetValue(all)), cancellationToken);
                Say(session, default, "Changed.");
            });
    }

    internal static void Say(Session session, JsonElement answer, string sentence)
    {
        if (!session.Screen.IsJson)
            session.Screen.Say(sentence);
        else if (answer.ValueKind != JsonValueKind.Undefined)
            session.Screen.Json(answer);
    }

    internal static JsonElement Json(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException exception)
        {
            throw new CommandException(ExitCode.Usage, $"The job is no JSON: {exception.Message}", exception);
        }
    }

    internal static async Task<string> Text(string argument, Terminal terminal, CancellationToken cancellationToken)
    {
        if (argument is "-")
            return await terminal.In.ReadToEndAsync(cancellationToken);
        if (argument is not ['@', .. var file])
            return argument;

        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"The file {file} cannot be read: {exception.Message}", exception);
        }
    }
}
