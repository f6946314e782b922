namespace Maestro.Bus.Cli;

/// <summary>The commands that look at jobs.</summary>
static class JobReadCommands
{
    public static IEnumerable<Command> Create(Terminal terminal)
    {
        yield return List(terminal);
        yield return Summary(terminal);
        yield return Kinds(terminal);
        yield return Show(terminal);
        yield return Logs(terminal);
    }

    static BusCommand List(Terminal terminal)
    {
        var state = new Option<string?>("--state")
        {
            Description = "scheduled, ready, running, canceling, waitingForChildren, completed, faulted or canceled.",
            HelpName = "state",
        };
        var type = new Option<string?>("--type") { Description = "The kind of job.", HelpName = "name" };
        var queue = new Option<string?>("--queue") { Description = "The queue of the jobs' domain.", HelpName = "name" };
        var tenant = JobOptions.Tenant();
        var batch = new Option<Guid?>("--batch") { Description = "The batch that they belong to.", HelpName = "id" };
        var parent = new Option<Guid?>("--parent") { Description = "The job whose children they are.", HelpName = "id" };
        var page = new Option<long?>("--page") { Description = "Go on below this number, as the last page says.", HelpName = "number" };
        var limit = JobOptions.Limit("jobs", 100, 1000);

        return new BusCommand("list", "Lists jobs, the newest first.", "jobs list", "jobs list --state faulted --type SendBulk",
            "jobs list --batch 0b6f… --limit 20")
            .With(state, type, queue, tenant, batch, parent, page, limit)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                var query = Query.Of(
                    ("state", parsed.GetValue(state)), ("type", parsed.GetValue(type)), ("queue", parsed.GetValue(queue)),
                    ("tenant", parsed.GetValue(tenant)),
                    ("batch", parsed.GetValue(batch)), ("parent", parsed.GetValue(parent)), ("page", parsed.GetValue(page)),
                    ("limit", parsed.GetValue(limit)));
                var answer = await session.Client.Get($"jobs{query}", cancellationToken);
                if (session.Screen.IsJson)
                {
                    session.Screen.Json(answer);
                    return;
                }

                var found = answer.Deserialize<JobPage>(JsonSerializerOptions.Web)!;
                JobTables.Jobs(session.Screen, found.Jobs);
                if (found.Next is { } next)
                    session.Screen.Say($"There are more: add --page {next}.");
            });
    }

    static BusCommand Summary(Terminal terminal) =>
        new BusCommand(
            "summary", "Counts the jobs of each kind and state.", "jobs summary").Does(terminal, async (_, session, cancellationToken) =>
        {
            var answer = await session.Client.Get("jobs/summary", cancellationToken);
            if (session.Screen.IsJson)
                session.Screen.Json(answer);
            else
                session.Screen.Table(
                    ["KIND", "QUEUE", "STATE", "COUNT"],
                    answer.Deserialize<List<JobCountView>>(JsonSerializerOptions.Web)!
                        .Select(count => new[] { count.Type, count.Queue, count.State, $"{count.Count}" }));
        });

    static BusCommand Kinds(Terminal terminal) =>
        new BusCommand(
            "kinds", "Lists the kinds of jobs, with their settings.", "jobs kinds").Does(terminal, async (_, session, cancellationToken) =>
        {
            var answer = await session.Client.Get("jobs/kinds", cancellationToken);
            if (session.Screen.IsJson)
                session.Screen.Json(answer);
            else
                session.Screen.Table(
                    ["KIND", "QUEUE", "TIMEOUT", "CONCURRENCY", "IN ALL", "PRIORITY", "ATTEMPTS"],
                    answer.Deserialize<List<JobKindView>>(JsonSerializerOptions.Web)!.Select(kind => new[]
                    {
                        kind.Name, kind.Queue, $"{kind.Timeout}", $"{kind.Concurrency}", $"{kind.GlobalConcurrency}", $"{kind.Priority}",
                        $"{kind.Attempts}",
                    }));
        });

    static BusCommand Show(Terminal terminal)
    {
        var id = JobOptions.Id();
        var follow = JobOptions.Follow();
        return new BusCommand(
            "show", "Shows a job with what it holds, its state and its exceptions.", "jobs show 0b6f…", "jobs show 0b6f… --follow")
            .With(id, follow)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                if (parsed.GetValue(follow))
                    await JobWatch.Follow(session, parsed.GetValue(id), showsLogs: false, cancellationToken);

                var answer = await session.Client.Get($"jobs/{parsed.GetValue(id)}", cancellationToken);
                if (session.Screen.IsJson)
                    session.Screen.Json(answer);
                else
                    JobTables.Job(session.Screen, answer.Deserialize<JobView>(JsonSerializerOptions.Web)!);
            });
    }

    static BusCommand Logs(Terminal terminal)
    {
        var id = JobOptions.Id();
        var follow = JobOptions.Follow();
        var limit = JobOptions.Limit("lines", 1000, 10_000);
        return new BusCommand("logs", "Shows what a job has logged.", "jobs logs 0b6f…", "jobs logs 0b6f… --follow")
            .With(id, follow, limit)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                if (parsed.GetValue(follow))
                {
                    await JobWatch.Follow(session, parsed.GetValue(id), showsLogs: true, cancellationToken);
                    return;
                }

                var answer = await session.Client.Get(
                    $"jobs/{parsed.GetValue(id)}/logs{Query.Of(("limit", parsed.GetValue(limit)))}", cancellationToken);
                if (session.Screen.IsJson)
                    session.Screen.Json(answer);
                else
                    JobTables.Lines(session.Screen, answer.Deserialize<List<JobLogView>>(JsonSerializerOptions.Web)!);
            });
    }
}
