namespace Maestro.Bus.Cli;

/// <summary>What the command line reads from and writes to: the process's own, or a test's.</summary>
sealed class Terminal
{
    public TextWriter Out { get; init; } = Console.Out;

    public TextWriter Error { get; init; } = Console.Error;

    /// <summary>The raw output, for what is not text.</summary>
    public Func<Stream> OpenOut { get; init; } = Console.OpenStandardOutput;

    /// <summary>The input, for what is piped in.</summary>
    public TextReader In { get; init; } = Console.In;

    /// <summary>Whether a person looks at the output.</summary>
    public bool IsInteractive { get; init; } = !Console.IsOutputRedirected;

    /// <summary>Whether somebody is there to answer questions.</summary>
    public bool CanAsk { get; init; } = !Console.IsInputRedirected && !Console.IsErrorRedirected;

    /// <summary>How long to wait for a bus that does not answer any more while something is followed there.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The folder that relative paths start from.</summary>
    public string WorkingDirectory { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>Reads an environment variable; none where it is empty.</summary>
    public Func<string, string?> Variable { get; init; } = name =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
