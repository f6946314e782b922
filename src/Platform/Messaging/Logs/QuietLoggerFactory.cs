using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MaestroBus.Messaging;

/// <summary>
/// Leaves out the line with a stack trace that MassTransit 8.5 writes of each message that has failed for good: the bus writes one line of
/// its own, and the stack trace is in the dead letter.
/// </summary>
sealed class QuietLoggerFactory(ILoggerFactory loggers) : ILoggerFactory
{
    const string Category = "MassTransit.ReceiveTransport";
    const string Failed = "R-FAULT ";

    /// <summary>Puts itself before the framework's factory. Another one is left as it is.</summary>
    public static void Add(IServiceCollection services)
    {
        if (services.LastOrDefault(service => service.ServiceType == typeof(ILoggerFactory)) is { ImplementationType: { } type }
            && type == typeof(LoggerFactory))
            services.Replace(ServiceDescriptor.Singleton<ILoggerFactory>(
                provider => new QuietLoggerFactory(ActivatorUtilities.CreateInstance<LoggerFactory>(provider))));
    }

    public ILogger CreateLogger(string categoryName)
    {
        var logger = loggers.CreateLogger(categoryName);
        return categoryName == Category ? new Logger(logger) : logger;
    }

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose() => loggers.Dispose();

    sealed class Logger(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel != LogLevel.Error || !formatter(state, null).StartsWith(Failed, StringComparison.Ordinal))
                logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
