using Microsoft.AspNetCore.Connections;

namespace MaestroBus.Messaging;

/// <summary>Runs the host: the bus, or one command.</summary>
public static class BusCommands
{
    /// <summary>Runs the command that the first argument names, or the bus where it names none, until it ends.</summary>
    /// <exception cref="BusConfigurationException">Settings are wrong, another program has the port, there is no such command, or it cannot do its work.</exception>
    public static async Task RunBusAsync(this WebApplication app, string[] args)
    {
        if (args is not [var name, ..] || name.StartsWith('-') || name.StartsWith('/') || name.Contains('='))
        {
            await using (app)
                await Run(app);
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

    // What can be told in a line is told before the start, which would write a stack trace to the log.
    static async Task Run(WebApplication app)
    {
        app.Services.GetRequiredService<StartChecks>().Run();
        ListenCheck.Run(app.Configuration);

        try
        {
            await app.RunAsync();
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException or AggregateException)
        {
            throw new BusConfigurationException($"{exception.Message.TrimEnd('.')}. {ListenCheck.Remedy}", exception);
        }
    }
}
