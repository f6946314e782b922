namespace MaestroBus.Messaging;

/// <summary>Creates the builder of a host.</summary>
public static class BusApplication
{
    /// <summary>
    /// Creates a web application's builder whose content root is the folder that <c>--contentRoot</c> names, else that of the host's
    /// assembly, whatever the working directory is. Settings and flows are read there. From here on the process is told to stop, and not
    /// ended, by SIGTERM, SIGINT and SIGQUIT.
    /// </summary>
    /// <param name="args">The host's command-line arguments.</param>
    /// <exception cref="BusConfigurationException">The arguments are wrong; the message says which and what would be right.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var arguments = HostArguments.Parse(args);
        var signal = new StopSignal();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = arguments.ContentRoot ?? AppContext.BaseDirectory,
        });
        builder.Services.AddSingleton(signal);
        return builder;
    }
}
