using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Broker.Tests;

/// <summary>Keeps what a host logs, in order.</summary>
public sealed class LogLines : ILoggerProvider
{
    readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = new();

    /// <summary>The lines from a level on.</summary>
    public IReadOnlyList<string> From(LogLevel level) => [.. _lines.Where(line => line.Level >= level).Select(line => line.Text)];

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    public void Dispose()
    {
    }

    sealed class Logger(ConcurrentQueue<(LogLevel, string)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                lines.Enqueue((logLevel, formatter(state, exception)));
        }
    }
}
