using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Leaves out lines of libraries that the bus has a line of its own for:
/// <list type="bullet">
/// <item>the line with a stack trace that MassTransit 8.5 writes of each message that has failed for good; the stack trace is in the dead
/// letter,</item>
/// <item>the same of each message that could not be sent: whoever sends it gets the exception, and the outbox has a line of its own,</item>
/// <item>what Entity Framework Core writes of a database that is away, before it throws it,</item>
/// <item>what Quartz writes while a database is away, some lines a second,</item>
/// <item>the stack trace of a start that ends with a sentence of the bus's, which the process writes as its last line, or because the
/// process was told to stop.</item>
/// </list>
/// </summary>
/// <param name="loggers">Takes the other lines.</param>
/// <param name="keepsFaults">Whether messages that have failed for good are left to MassTransit.</param>
/// <param name="outages">Gets the outages of the host; they cannot be made before the logging.</param>
sealed class QuietLoggerFactory(ILoggerFactory loggers, bool keepsFaults, Func<Outages> outages) : ILoggerFactory
{
    const string Receiving = "MassTransit.ReceiveTransport";
    const string Failed = "R-FAULT ";
    const string Bus = "MassTransit";
    const string NotSent = "S-FAULT ";
    const string EntityFramework = "Microsoft.EntityFrameworkCore.";
    const string Quartz = "Quartz.";
    const string Host = "Microsoft.Extensions.Hosting.Internal.Host";

    // Microsoft.EntityFrameworkCore.Diagnostics.RelationalEventId.ConnectionError; its line has no exception.
    const int ConnectionError = 20004;

    volatile Outages? _outages;

    /// <summary>Puts itself before the framework's factory. Another one is left as it is.</summary>
    public static void Add(IServiceCollection services, bool keepsFaults)
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(ILoggerFactory)) is { ImplementationType: { } type }
            && type == typeof(LoggerFactory))
            services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(provider => new QuietLoggerFactory(
                ActivatorUtilities.CreateInstance<LoggerFactory>(provider), keepsFaults, provider.GetRequiredService<Outages>)));
    }

    public ILogger CreateLogger(string categoryName)
    {
        var logger = loggers.CreateLogger(categoryName);
        if (categoryName.StartsWith(Bus, StringComparison.Ordinal))
            return new Logger(
                logger,
                (level, _, _, text) => level == LogLevel.Error && text() is var line
                    && (line.StartsWith(NotSent, StringComparison.Ordinal)
                        || (!keepsFaults && categoryName == Receiving && line.StartsWith(Failed, StringComparison.Ordinal))));
        if (categoryName.StartsWith(EntityFramework, StringComparison.Ordinal))
            return new Logger(logger, (_, id, exception, _) => id.Id == ConnectionError || IsAway(exception));
        if (categoryName.StartsWith(Quartz, StringComparison.Ordinal))
            return new Logger(logger, (_, _, exception, _) => IsAway(exception) || IsDatabaseAway());
        if (categoryName == Host)
            return new Logger(logger, (_, _, exception, _) => exception is OperationCanceledException
                || (exception is not null && BusConfigurationException.In(exception) is not null));
        return logger;
    }

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose() => loggers.Dispose();

    bool IsDatabaseAway()
    {
        try
        {
            return (_outages ??= outages()).AnyOfDatabase;
        }
        catch (ObjectDisposedException)
        {
            // Quartz is shut down, and writes of it, while the services of a host are disposed of that was not stopped.
            return false;
        }
    }

    static bool IsAway(Exception? exception) => exception is not null && DatabaseFailures.IsAway(exception);

    /// <summary>Decides by level, id, exception and text whether a line is left out.</summary>
    delegate bool IsLeftOut(LogLevel level, EventId id, Exception? exception, Func<string> text);

    sealed class Logger(ILogger logger, IsLeftOut isLeftOut) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logger.IsEnabled(logLevel) && !isLeftOut(logLevel, eventId, exception, () => formatter(state, null)))
                logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
