namespace Maestro.Bus.Cli;

/// <summary>The commands for what is done with many dead letters.</summary>
static class DeadLetterOperationCommands
{
    const string Path = "dead-letters/operations";

    public static IEnumerable<Command> Create(Terminal terminal)
    {
        yield return List(terminal);
        yield return Stop(terminal);
        yield return Resume(terminal);
    }

    /// <summary>Begins an operation, and shows how it gets on.</summary>
    public static async Task Begin(Session session, OperationRequest request, bool isDetached, CancellationToken cancellationToken) =>
        await Follow(session, await session.Client.Post(Path, request, cancellationToken), isDetached, cancellationToken);

    static BusCommand List(Terminal terminal) =>
        new BusCommand("operations", "Lists what is done with many dead letters, and how far it has come.", "dlq operations")
            .Does(terminal, async (_, session, cancellationToken) =>
            {
                var answer = await session.Client.Get(Path, cancellationToken);
                if (session.Screen.IsJson)
                    session.Screen.Json(answer);
                else
                    DeadLetterTables.Operations(
                        session.Screen, answer.Deserialize<IReadOnlyList<OperationView>>(JsonSerializerOptions.Web)!);
            });

    static BusCommand Stop(Terminal terminal)
    {
        var id = new Argument<long>("id") { Description = "The operation's number." };
        return new BusCommand("stop", "Stops an operation after the batch at hand.", "dlq stop 3")
            .With(id)
            .Does(terminal, async (parsed, session, cancellationToken) =>
                Tell(session, await session.Client.Post($"{Path}/{parsed.GetValue(id)}/stop", null, cancellationToken)));
    }

    static BusCommand Resume(Terminal terminal)
    {
        var id = new Argument<long>("id") { Description = "The operation's number." };
        var detach = new Option<bool>("--detach") { Description = "Do not wait for the end." };
        return new BusCommand("resume", "Has a stopped operation go on where it was stopped.", "dlq resume 3")
            .With(id, detach)
            .Does(terminal, async (parsed, session, cancellationToken) => await Follow(
                session, await session.Client.Post($"{Path}/{parsed.GetValue(id)}/resume", null, cancellationToken),
                parsed.GetValue(detach), cancellationToken));
    }

    static async Task Follow(Session session, JsonElement answer, bool isDetached, CancellationToken cancellationToken)
    {
        var operation = answer.Deserialize<OperationView>(JsonSerializerOptions.Web)!;
        if (!isDetached)
            operation = await OperationWatch.Run(session, operation, cancellationToken);

        Tell(session, JsonSerializer.SerializeToElement(operation, JsonSerializerOptions.Web));
    }

    static void Tell(Session session, JsonElement answer)
    {
        if (session.Screen.IsJson)
        {
            session.Screen.Json(answer);
            return;
        }

        var operation = answer.Deserialize<OperationView>(JsonSerializerOptions.Web)!;
        session.Screen.Say($"Operation {operation.Id}: {operation.Kind} is {operation.State}, {operation.Done} of {operation.Total}.");
    }
}
