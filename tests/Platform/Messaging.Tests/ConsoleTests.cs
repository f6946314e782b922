using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Maestro.Bus.Messaging.Tests;

/// <summary>What reaches the console of what callers have sent.</summary>
public sealed class ConsoleTests
{
    [Theory]
    [InlineData("simple")]
    [InlineData("systemd")]
    public void What_an_exception_quotes_makes_no_line_of_its_own(string formatter)
    {
        var inner = new FormatException("'ana\r\nfail: forged\u001b[2K' is no address.");
        var exception = Thrown(new InvalidOperationException("It failed with 'x\nwarn: forged'.", new AggregateException(inner)));

        var text = Written(formatter, "The call has failed", exception);

        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain(text.Split('\n'), line => line.TrimStart().StartsWith("fail: forged", StringComparison.Ordinal)
            || line.TrimStart().StartsWith("warn: forged", StringComparison.Ordinal));
        Assert.Contains("System.FormatException: 'ana  fail: forged\uFFFD[2K' is no address.", text, StringComparison.Ordinal);
        Assert.Contains("System.InvalidOperationException: It failed with 'x warn: forged'.", text, StringComparison.Ordinal);
        Assert.Contains($" at {typeof(ConsoleTests).FullName}.Thrown", text, StringComparison.Ordinal);
    }

    static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (InvalidOperationException thrown)
        {
            // It has a stack trace now.
            return thrown;
        }
    }

    static string Written(string formatter, string message, Exception exception)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddConsole());
        CleanConsoleFormatter.Add(services);
        using var provider = services.BuildServiceProvider();
        using var writer = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Error, "Test", default, message, exception, (state, _) => state);

        provider.GetServices<ConsoleFormatter>().Single(known => known.Name == formatter).Write(entry, null, writer);

        return writer.ToString();
    }
}
