using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Maestro.Bus.Messaging;

/// <summary>Runs the host: the bus, or one command.</summary>
public static partial class BusCommands
{
    /// <summary>Runs the command among the arguments, or the bus if there is none, until it ends.</summary>
    /// <exception cref="BusConfigurationException">
    /// Settings are wrong, another program has the port, there is no such command, or it cannot do its work or was stopped before it had.
    /// </exception>
    public static async Task RunBusAsync(this WebApplication app, string[] args)
    {
        // Services are disposed of before this has done its work; a host that was built by other means has none.
        using var signal = app.Services.GetService<StopSignal>();
        using var told = signal?.Told.Register(app.Lifetime.StopApplication);

        if (HostArguments.Parse(args).Command is { } name)
            await Run(app, name);
        else
            await Run(app);
    }

    static async Task Run(WebApplication app, string name)
    {
        await using (app)
        {
            var commands = app.Services.GetServices<IBusCommand>().ToList();
            var command = commands.Find(candidate => candidate.Name == name)
                ?? throw new BusConfigurationException(
                    $"'{name}' is not a command of this host. Use {Known(commands)}leave it out to run the bus.");
            var stopping = app.Lifetime.ApplicationStopping;

            try
            {
                await command.Run(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                throw new BusConfigurationException($"The command '{name}' was told to stop before it had done its work. Run it again.");
            }
        }
    }

    static string Known(List<IBusCommand> commands) => string.Concat(
        commands.Select(known => known.Name).Order(StringComparer.Ordinal).Select(name => $"{name}, or "));

    static async Task Run(WebApplication app)
    {
        // These are asked for after the end as well, when there are no services any more.
        var failure = app.Services.GetRequiredService<StartFailure>();
        var stopping = app.Lifetime.ApplicationStopping;
        var limit = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout;
        using var over = new CancellationTokenSource();
        await using var begun = stopping.Register(() => over.CancelAfter(limit));

        try
        {
            await Start(app, stopping, over.Token);
            await Until(stopping);
        }
        catch (Exception) when (failure.Exception is not null)
        {
            // It is told below, as it is if the host has come to an orderly end.
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host was told to stop while it started, as when it waited for its broker.
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException or AggregateException)
        {
            throw new BusConfigurationException($"{exception.Message.TrimEnd('.')}. {ListenCheck.Remedy}", exception);
        }
        finally
        {
            await Stop(app, limit, over.Token);
        }

        if (failure.Exception is { } problem)
            throw new BusConfigurationException(problem.Message);
    }

    // What can be told in a line is told before the start, which would write a stack trace to the log.
    static async Task Start(WebApplication app, CancellationToken stopping, CancellationToken over)
    {
        app.Services.GetRequiredService<StartChecks>().Run();
        ListenCheck.Run(app.Configuration);
        foreach (var probe in app.Services.GetServices<IStartProbe>())
            await probe.Run(stopping);

        // MassTransit 8.5 waits for ever for an endpoint that was to begin when its start was cancelled, although it has stopped the bus.
        var starting = app.StartAsync(stopping);
        if (await Task.WhenAny(starting, Stopped(app.Services.GetRequiredService<BusStops>(), stopping, over)) != starting)
            throw new OperationCanceledException(stopping);

        await starting;
    }

    static async Task Stopped(BusStops bus, CancellationToken stopping, CancellationToken over)
    {
        await Until(stopping);
        await Task.WhenAny(bus.Stopped, Until(over));
    }

    static async Task Until(CancellationToken cancellationToken) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>
    /// Stops what has been started, within the host's time. Whoever has told the process to stop ends it soon after that by force, and a
    /// service that is late or blocks changes nothing about it.
    /// </summary>
    static async Task Stop(WebApplication app, TimeSpan limit, CancellationToken over)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(BusCommands).FullName!);
        app.Lifetime.StopApplication();
        var stopping = Task.Run(() => StopAll(app, logger), CancellationToken.None);

        if (await Task.WhenAny(stopping, Until(over)) != stopping)
            TookTooLong(logger, limit);
    }

    static async Task StopAll(WebApplication app, ILogger logger)
    {
        try
        {
            await app.StopAsync();
        }
        catch (Exception exception)
        {
            // Some service has not stopped in good order. The others have, and the process ends all the same.
            NotStopped(logger, exception.GetBaseException().Message);
        }

        await app.DisposeAsync();
    }

    [LoggerMessage(95, LogLevel.Warning, "A part of the host has not stopped in good order: {Reason}")]
    static partial void NotStopped(ILogger logger, string reason);

    [LoggerMessage(96, LogLevel.Warning, "The host has not stopped within {Limit}. It ends now, and what was in work is handled again")]
    static partial void TookTooLong(ILogger logger, TimeSpan limit);
}
