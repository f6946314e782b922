using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Maestro.Bus.Testing;

/// <summary>Keeps what is logged.</summary>
public sealed class LogLines : ILoggerProvider, ILogger
{
    readonly ConcurrentQueue<LogEntry> _lines = new();

    /// <summary>All lines, without the text of exceptions.</summary>
    public IReadOnlyList<string> All => [.. _lines.Select(line => line.Text)];

    /// <summary>All lines with what a structured log has of them.</summary>
    public IReadOnlyList<LogEntry> Entries => [.. _lines];

    /// <summary>The exceptions that were logged, with all that they have inside.</summary>
    public IReadOnlyList<string> Exceptions => [.. _lines.Select(line => line.Exception).OfType<Exception>().Select(exception =>
        $"{exception}")];

    /// <summary>The lines of one level.</summary>
    public IReadOnlyList<string> Of(LogLevel level) => [.. _lines.Where(line => line.Level == level).Select(line => line.Text)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(new LogEntry(
            logLevel, eventId.Id, formatter(state, exception),
            state is IEnumerable<KeyValuePair<string, object?>> values ? values.GroupBy(value => value.Key).ToDictionary(group => group.Key,
                group => group.Last().Value) : [],
            exception));

    public void Dispose()
    {
    }
}

/// <summary>A line of a log.</summary>
/// <param name="Level">Its level.</param>
/// <param name="Id">The number of its event.</param>
/// <param name="Text">The line, without the text of an exception.</param>
/// <param name="Properties">What it is made of, by name.</param>
/// <param name="Exception">The exception whose stack trace goes with it.</param>
public sealed record LogEntry(LogLevel Level, int Id, string Text, IReadOnlyDictionary<string, object?> Properties, Exception? Exception);
