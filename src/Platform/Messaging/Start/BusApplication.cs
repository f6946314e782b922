using Microsoft.Extensions.Logging.Console;

namespace Maestro.Bus.Messaging;

/// <summary>Creates the builder of a host.</summary>
public static class BusApplication
{
    /// <summary>
    /// Creates a web application's builder whose content root is the folder that <c>--contentRoot</c> names, else that of the host's
    /// assembly, whatever the working directory is. Settings and flows are read there. From here on the process is told to stop, and not
    /// ended, by SIGTERM, SIGINT and SIGQUIT.
    /// </summary>
    /// <param name="args">The host's command-line arguments.</param>
    /// <exception cref="BusConfigurationException">
    /// The arguments are wrong, or a file of settings cannot be read; the message says which and what would be right.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// A file of settings is not JSON or has a setting twice; <see cref="BusConfigurationException.In"/> says where.
    /// </exception>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var arguments = HostArguments.Parse(args);
        var signal = new StopSignal();
        var builder = Create(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = arguments.ContentRoot ?? AppContext.BaseDirectory,
        });
        builder.Services.AddSingleton(signal);

        // The output of this command is its result.
        if (arguments.Command == DescribeCommand.Argument)
            builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }

    static WebApplicationBuilder Create(WebApplicationOptions options)
    {
        try
        {
            return WebApplication.CreateBuilder(options);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new BusConfigurationException(
                $"The bus cannot start: {exception.Message} Make it readable for the host's user.", exception);
        }
    }
}
