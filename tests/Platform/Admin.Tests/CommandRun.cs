namespace Maestro.Bus.Admin.Tests;

/// <summary>One run of the command line: what it wrote, and how it ended.</summary>
sealed record CommandRun(int ExitCode, string Out, string Error)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Runs a command line against a server.</summary>
    public static Task<CommandRun> Of(Uri? address, params string[] arguments) => Run(null, Patience, address, arguments);

    /// <summary>Runs a command line for somebody who does not wait for a bus that is gone.</summary>
    public static Task<CommandRun> Impatient(Uri address, params string[] arguments) =>
        Run(null, TimeSpan.FromSeconds(1), address, arguments);

    /// <summary>Runs a command line for somebody who answers its question.</summary>
    public static Task<CommandRun> Answering(string answer, Uri address, params string[] arguments) =>
        Run(answer, Patience, address, arguments);

    static async Task<CommandRun> Run(string? answer, TimeSpan patience, Uri? address, string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var raw = new MemoryStream();
        var terminal = new Terminal
        {
            Out = output,
            Error = error,
            OpenOut = () => raw,
            In = new StringReader(answer ?? ""),
            IsInteractive = false,
            CanAsk = answer is not null,
            Patience = patience,
            WorkingDirectory = Path.GetTempPath(),
            Variable = name => name == SharedOptions.UrlVariable ? address?.AbsoluteUri : null,
        };

        var code = await CommandLine.Run(arguments, terminal, TestContext.Current.CancellationToken);
        return new CommandRun(code, output + System.Text.Encoding.UTF8.GetString(raw.ToArray()), $"{error}");
    }

    /// <summary>The output of a run that did what it should.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"It ended with {ExitCode}: {Error}{Out}");
        return Out;
    }
}
