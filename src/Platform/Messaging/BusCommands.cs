namespace MaestroBus.Messaging;

/// <summary>Runs the host: the bus, or one command.</summary>
public static class BusCommands
{
    /// <summary>Runs the command that the first argument names, or the bus where it names none, until it ends.</summary>
    /// <exception cref="BusConfigurationException">There is no such command, or it cannot do its work.</exception>
    public static async Task RunBusAsync(this WebApplication app, string[] args)
    {
        if (args is not [var name, ..] || name.StartsWith('-') || name.StartsWith('/') || name.Contains('='))
        {
            await app.RunAsync();
            return;
        }

        await using (app)
        {
            var commands = app.Services.GetServices<IBusCommand>().ToList();
            var command = commands.Find(candidate => candidate.Name == name)
                ?? throw new BusConfigurationException(
                    $"There is no command '{name}'. Use {(commands.Count == 0 ? "none" : string.Join(", ", commands.Select(known => known.Name)))}, or no argument to run the bus.");
            await command.Run(app.Lifetime.ApplicationStopping);
        }
    }
}
