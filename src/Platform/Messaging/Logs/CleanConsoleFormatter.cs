using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Maestro.Bus.Messaging;

/// <summary>
/// Writes to the console what another formatter writes, without the control characters that callers and senders put into messages and
/// exceptions: no line can be forged, overwritten or hidden, whichever library logs it.
/// </summary>
/// <remarks>
/// The text formatters of .NET 10 indent line feeds and write everything else as it is. The JSON formatter escapes and needs none of this.
/// </remarks>
sealed class CleanConsoleFormatter(ConsoleFormatter inner) : ConsoleFormatter(inner.Name), IDisposable
{
    const int LongestEntry = 64 * 1024;

    /// <summary>Puts itself before the text formatters that are registered.</summary>
    public static void Add(IServiceCollection services)
    {
        foreach (var (index, descriptor) in services.Index().ToList())
        {
            if (descriptor.ServiceType == typeof(ConsoleFormatter) && descriptor.ImplementationType is { } formatter)
                services[index] = ServiceDescriptor.Singleton(
                    provider => Over((ConsoleFormatter)ActivatorUtilities.CreateInstance(provider, formatter)));
        }
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var text = logEntry.Exception is { } exception ? $"{message}{Environment.NewLine}{TextOf(exception)}" : message;
        var entry = new LogEntry<string>(logEntry.LogLevel, logEntry.Category, logEntry.EventId, Clean(text), null, (clean, _) => clean);
        inner.Write(entry, scopeProvider, textWriter);
    }

    public void Dispose() => (inner as IDisposable)?.Dispose();

    static ConsoleFormatter Over(ConsoleFormatter inner) =>
        inner.Name == ConsoleFormatterNames.Json ? inner : new CleanConsoleFormatter(inner);

    // What an exception says is on one line; the lines of its stack trace are its own.
    static string TextOf(Exception exception)
    {
        var text = exception.ToString();
        foreach (var said in Messages(exception).Where(said => said.AsSpan().ContainsAny('\n', '\r')))
            text = text.Replace(said, LogText.Clean(said, LongestEntry), StringComparison.Ordinal);
        return text;
    }

    // An exception with causes may quote what they say, so that the longest comes first.
    static IEnumerable<string> Messages(Exception exception) => (exception is AggregateException several
            ? several.InnerExceptions
            : exception.InnerException is { } cause ? [cause] : Enumerable.Empty<Exception>())
        .SelectMany(Messages).Prepend(exception.Message);

    // Line feeds stay: the formatters indent what follows them, and stack traces have them.
    static string Clean(string text)
    {
        if (text.Length <= LongestEntry && !text.Any(character => character is < ' ' and not '\n' or > '~'))
            return text;

        var clean = new StringBuilder(Math.Min(text.Length, LongestEntry));
        foreach (var line in text.Split('\n'))
        {
            if (clean.Length > 0)
                clean.Append('\n');
            clean.Append(LogText.Clean(line.TrimEnd('\r'), LongestEntry - Math.Min(clean.Length, LongestEntry - 1)));
            if (clean.Length >= LongestEntry)
                break;
        }

        return clean.ToString();
    }
}
