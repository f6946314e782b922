namespace Maestro.Bus.Cli;

/// <summary><c>maestro dlq …</c>.</summary>
sealed class DeadLetterCommandGroup : CommandGroup
{
    const string Path = "dead-letters";

    public override Command Create(Terminal terminal)
    {
        var dlq = new Command("dlq", "Looks at what has failed for good, and does something about it.");
        foreach (var command in (Command[])
            [
                List(terminal), Groups(terminal), Show(terminal), Report(terminal), Export(terminal),
                .. DeadLetterActionCommands.Create(terminal), .. DeadLetterOperationCommands.Create(terminal),
            ])
            dlq.Subcommands.Add(command);

        return dlq;
    }

    static BusCommand List(Terminal terminal)
    {
        var selection = new SelectionOptions();
        var page = new Option<long?>("--page") { Description = "Go on below this number, as the last page says.", HelpName = "id" };
        var limit = new Option<int?>("--limit") { Description = "How many at most; 50 without it, up to 1000.", HelpName = "count" };
        return new BusCommand(
                "list", "Lists dead letters, the newest first.", "dlq list",
                "dlq list --queue orders --exception TimeoutException --from 2h", "dlq list --state any --text \"no such customer\" --json")
            .With([.. selection.Symbols, selection.State, page, limit])
            .Does(terminal, (parsed, session, cancellationToken) => Print<DeadLetterPage>(
                session, $"{Path}{selection.Query(parsed, ("page", parsed.GetValue(page)), ("limit", parsed.GetValue(limit)))}",
                DeadLetterTables.List, cancellationToken));
    }

    static BusCommand Groups(Terminal terminal)
    {
        var selection = new SelectionOptions();
        return new BusCommand("groups", "Groups those that failed alike: same exception, same place, same message type.", "dlq groups",
            "dlq groups --queue orders")
            .With([.. selection.Symbols, selection.State])
            .Does(terminal, (parsed, session, cancellationToken) =>
                Print<IReadOnlyList<DeadLetterGroupView>>(
                    session, $"{Path}/groups{selection.Query(parsed)}", DeadLetterTables.Groups, cancellationToken));
    }

    static BusCommand Show(Terminal terminal)
    {
        var id = new Argument<long>("id") { Description = "Its number." };
        return new BusCommand("show", "Shows one with its headers, its body and the whole exception.", "dlq show 17", "dlq show 17 --json")
            .With(id)
            .Does(terminal, (parsed, session, cancellationToken) =>
                Print<DeadLetterDetails>(session, $"{Path}/{parsed.GetValue(id)}", DeadLetterTables.Show, cancellationToken));
    }

    static BusCommand Report(Terminal terminal)
    {
        var selection = new SelectionOptions();
        var by = new Option<string?>("--by") { Description = "minute, hour (without it) or day.", HelpName = "stretch" };
        by.AcceptOnlyFromAmong("minute", "hour", "day");
        return new BusCommand("report", "Counts by group, queue and tenant over time, whatever has become of them.",
            "dlq report --from 7d --by day", "dlq report --queue orders")
            .With([.. selection.Symbols, selection.State, by])
            .Does(terminal, (parsed, session, cancellationToken) => Print<IReadOnlyList<DeadLetterCountView>>(
                session, $"{Path}/report{selection.Query(parsed, ("by", parsed.GetValue(by)))}", DeadLetterTables.Report,
                cancellationToken));
    }

    static BusCommand Export(Terminal terminal)
    {
        var selection = new SelectionOptions();
        var file = new Option<FileInfo?>("--output", "-o")
        {
            Description = "The file; without it they are written to the standard output.",
            HelpName = "file",
        };
        return new BusCommand("export", "Writes dead letters with everything, one JSON object a line; the body is Base64.",
            "dlq export --queue orders --output orders.jsonl", "dlq export --state any | gzip > all.jsonl.gz")
            .With([.. selection.Symbols, selection.State, file])
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                await using var output = Open(parsed.GetValue(file), terminal);

                // One answer has as many as the bus's bound of an export allows.
                long? after = 0;
                while (after is not null)
                    after = await session.Client.Download(
                        $"{Path}/export{selection.Query(parsed, ("after", after))}", output, cancellationToken);
            });
    }

    static Stream Open(FileInfo? file, Terminal terminal)
    {
        try
        {
            return file is null ? terminal.OpenOut() : file.Create();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"The file {file} cannot be written: {exception.Message}", exception);
        }
    }

    static async Task Print<T>(Session session, string path, Action<Screen, T> show, CancellationToken cancellationToken)
    {
        var answer = await session.Client.Get(path, cancellationToken);
        if (session.Screen.IsJson)
            session.Screen.Json(answer);
        else
            show(session.Screen, answer.Deserialize<T>(JsonSerializerOptions.Web)!);
    }
}
