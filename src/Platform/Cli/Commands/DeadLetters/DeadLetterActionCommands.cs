namespace Maestro.Bus.Cli;

/// <summary>The commands that do something with one dead letter, or with all that a selection means.</summary>
static class DeadLetterActionCommands
{
    public static IEnumerable<Command> Create(Terminal terminal)
    {
        yield return Action(terminal, "retry",
            "Sends dead letters to where they failed again. What has been done of them is not done twice.", "dlq retry 17",
            "dlq retry --group 1f3a5c7e9b02", "dlq retry --queue orders --from 1h", "dlq retry --all");
        yield return Action(terminal, "redirect", "Sends dead letters to another queue.", "dlq redirect 17 --to orders-v2",
            "dlq redirect --queue orders --to orders-v2");
        yield return Action(terminal, "discard",
            "Says that dead letters are not wanted any more. Until they are purged they can be restored.", "dlq discard 17",
            "dlq discard --group 1f3a5c7e9b02");
        yield return Action(terminal, "restore", "Has discarded ones wait again.", "dlq restore 17", "dlq restore --queue orders");
        yield return Edit(terminal);
        yield return Purge(terminal);
    }

    static BusCommand Action(Terminal terminal, string kind, string description, params string[] examples)
    {
        var ids = new Argument<long[]>("id")
        {
            Description = "The numbers of single ones; without them the options say which ones are meant.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var selection = new SelectionOptions();
        var to = new Option<string?>("--to") { Description = "The queue that they go to.", HelpName = "queue", Required = true };
        var create = new Option<bool>("--create") { Description = "The queue may be one that the bus does not know." };
        var detach = new Option<bool>("--detach") { Description = "Do not wait for the end; 'dlq operations' shows how it gets on." };
        var command = new BusCommand(kind, description, examples).With([ids, .. selection.Symbols, selection.All, detach]);
        if (kind == "redirect")
            command.With(to, create);

        return command.Does(terminal, async (parsed, session, cancellationToken) =>
        {
            var target = kind == "redirect" ? parsed.GetValue(to) : null;
            var isNew = kind == "redirect" && parsed.GetValue(create);
            if (parsed.GetValue(ids) is { Length: > 0 } numbers)
            {
                if (selection.Selection(parsed) != new DeadLetterSelection() || parsed.GetValue(selection.All))
                    throw new CommandException(ExitCode.Usage, "Give either numbers or options that say which ones are meant, not both.");

                await Each(session, kind, numbers, target is null ? null : new RedirectRequest(target, isNew), cancellationToken);
                return;
            }

            var meant = selection.Selection(parsed) with { All = parsed.GetValue(selection.All) };
            if (meant == new DeadLetterSelection())
                throw new CommandException(ExitCode.Usage,
                    "It is not said which dead letters are meant. Give numbers, options such as --group and --queue, or --all.");

            var request = new OperationRequest(kind, meant, target, isNew);
            await DeadLetterOperationCommands.Begin(session, request, parsed.GetValue(detach), cancellationToken);
        });
    }

    /// <summary>Does it with one after the other. One that is refused is no reason to leave out the others.</summary>
    static async Task Each(Session session, string kind, long[] numbers, RedirectRequest? body, CancellationToken cancellationToken)
    {
        var refusals = new List<CommandException>();
        var done = new List<long>();
        var pending = new List<(long Id, string? Reason)>();

        foreach (var number in numbers.Distinct())
        {
            try
            {
                var answer = await session.Client.Post($"dead-letters/{number}/{kind}", body, cancellationToken);
                if (answer.ValueKind == JsonValueKind.Object)
                    pending.Add((number, answer.Deserialize<PendingView>(JsonSerializerOptions.Web)!.Reason));
                else
                    done.Add(number);
            }
            catch (CommandException exception) when (exception.ExitCode != ExitCode.Unreachable)
            {
                refusals.Add(exception);
            }
        }

        if (session.Screen.IsJson)
            session.Screen.Json(JsonSerializer.SerializeToElement(
                new { kind, done, pending = pending.Select(one => new { one.Id, one.Reason }) }, JsonSerializerOptions.Web));
        else if (done.Count > 0)
            session.Screen.Say($"Done: {kind} {string.Join(", ", done)}.");

        if (!session.Screen.IsJson)
        {
            foreach (var (id, reason) in pending)
                session.Screen.Say(
                    $"Pending: {kind} {id}. It waits in the outbox, and is sent as soon as its queue takes it. {reason}".TrimEnd());
        }

        if (refusals.Count > 0)
            throw new CommandException(
                refusals.TrueForAll(refusal => refusal.ExitCode == ExitCode.Usage) ? ExitCode.Usage : ExitCode.Refused,
                string.Join(Environment.NewLine, refusals.Select(refusal => refusal.Message).Distinct()));
    }

    static BusCommand Edit(Terminal terminal)
    {
        var id = new Argument<long>("id") { Description = "Its number." };
        var message = new Option<string?>("--message", "-m")
        {
            Description = "The message in its place: a text, @file, or - for the standard input. An envelope around it stays.",
            HelpName = "text",
        };
        var headers = new Option<string[]>("--header")
        {
            Description = "A header with a new value, such as tenant-id=acme; with nothing behind the sign it is taken off. May be given "
                + "several times.",
            HelpName = "name=value",
        };
        return new BusCommand(
                "edit", "Sends an edited copy, with an id of its own. The original stays, as edited.",
                "dlq edit 17 --message '{\"number\": 42}'", "dlq edit 17 --message @order.json --header tenant-id=acme")
            .With(id, message, headers)
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                var request = new EditRequest(
                    await Text(parsed.GetValue(message), terminal, cancellationToken), Headers(parsed.GetValue(headers) ?? []));
                var answer = await session.Client.Post($"dead-letters/{parsed.GetValue(id)}/edit", request, cancellationToken);
                if (session.Screen.IsJson)
                    session.Screen.Json(answer);
                else
                    session.Screen.Say(
                        $"The copy has the message id {answer.Deserialize<EditedView>(JsonSerializerOptions.Web)!.MessageId}.");
            });
    }

    static BusCommand Purge(Terminal terminal)
    {
        var selection = new SelectionOptions();
        var olderThan = new Option<string>("--older-than")
        {
            Description = "How long ago they must have failed, such as 30d, or before when, such as 2026-11-01.",
            HelpName = "age",
            Required = true,
        };
        var detach = new Option<bool>("--detach") { Description = "Do not wait for the end; 'dlq operations' shows how it gets on." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask. Needed where nobody can answer." };
        return new BusCommand(
                "purge", "Deletes dead letters for good, whatever has become of them, once you have said yes. Needs the role admin.",
                "dlq purge --older-than 30d",
                "dlq purge --older-than 7d --queue orders --yes")
            .With([olderThan, .. selection.Symbols.Where(symbol => symbol.Name != "--before"), yes, detach])
            .Does(terminal, async (parsed, session, cancellationToken) =>
            {
                var age = parsed.GetValue(olderThan)!;
                var before = Moments.Parse(age, TimeProvider.System.GetUtcNow())
                    ?? throw new CommandException(ExitCode.Usage,
                        $"--older-than is '{age}', which is neither a duration nor a time. Use one such as 30d or 2026-11-01.");
                var meant = selection.Selection(parsed) with { Before = before };
                if (!parsed.GetValue(yes))
                    await PurgeQuestion.Ask(session, meant, cancellationToken);

                await DeadLetterOperationCommands.Begin(
                    session, new OperationRequest("purge", meant), parsed.GetValue(detach), cancellationToken);
            });
    }

    static async Task<string?> Text(string? option, Terminal terminal, CancellationToken cancellationToken)
    {
        if (option is "-")
            return await terminal.In.ReadToEndAsync(cancellationToken);
        if (option is not ['@', .. var file])
            return option;

        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"The file {file} cannot be read: {exception.Message}", exception);
        }
    }

    static Dictionary<string, string?> Headers(string[] options)
    {
        var headers = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var option in options)
        {
            if (option.Split('=', 2) is not [{ Length: > 0 } name, var value])
                throw new CommandException(ExitCode.Usage, $"The header is '{option}'. Write it as name=value.");

            if (!headers.TryAdd(name, value.Length == 0 ? null : value))
                throw new CommandException(ExitCode.Usage, $"The header {name} is given twice. Give it once.");
        }

        return headers;
    }
}
