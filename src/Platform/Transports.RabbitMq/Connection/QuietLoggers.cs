using RabbitMQ.Client.Exceptions;

namespace Maestro.Bus.Transports.RabbitMq;

/// <summary>
/// Makes MassTransit's loggers, without the line that each endpoint writes before each try to reach a broker that is away: the <see
/// cref="BrokerGate"/> tells of that once. A queue that is refused is told of by the <see cref="RefusedQueueObserver"/>. An error
/// that the broker reports, as of an exchange that was deleted, is logged without a stack trace.
/// </summary>
sealed class QuietLoggers(ILoggerFactory loggers, BrokerGate gate) : ILoggerFactory
{
    const string Retrying = "Retrying {Delay}: {Message}";

    public ILogger CreateLogger(string categoryName) => new Logger(loggers.CreateLogger(categoryName), gate);

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    // The factory is the host's.
    public void Dispose()
    {
    }

    sealed class Logger(ILogger logger, BrokerGate gate) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var isRetry = state is IReadOnlyList<KeyValuePair<string, object?>> values && values.Any(value => value.Value is Retrying);
            var isOfRefusedQueue = exception is not null && BusConfigurationException.In(exception) is not null;
            if ((isRetry && gate.IsAway) || isOfRefusedQueue)
                return;

            if (exception is OperationInterruptedException)
                logger.Log(logLevel, eventId, $"{formatter(state, null)}: {exception.Message}", null, static (line, _) => line);
            else
                logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
