namespace Maestro.Bus.Cli;

/// <summary><c>maestro whoami</c>.</summary>
sealed class CallerCommands : CommandGroup
{
    public override Command Create(Terminal terminal) =>
        new BusCommand(
            "whoami", "Shows whom the bus takes you for, and what you may do.", "whoami", "whoami --url https://bus.example.com --key $KEY")
            .Does(terminal, async (_, session, cancellationToken) =>
            {
                var answer = await session.Client.Get("caller", cancellationToken);
                if (session.Screen.IsJson)
                {
                    session.Screen.Json(answer);
                    return;
                }

                var caller = answer.Deserialize<Caller>(JsonSerializerOptions.Web)!;
                session.Screen.Say($"{caller.Name}, {caller.Role}");
            });
}
