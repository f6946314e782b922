using System.Diagnostics;
using System.Text;

namespace Maestro.Bus.Template.Tests;

/// <summary>
/// Runs the <c>dotnet</c> command as a user would: without what the test's own build has left in the environment, and leaving no process
/// behind.
/// </summary>
static class DotNet
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    static readonly Dictionary<string, string> Environment = new()
    {
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false",
        ["DOTNET_NOLOGO"] = "1",
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["MSBUILDTERMINALLOGGER"] = "off",
        ["NO_COLOR"] = "1",
        ["UseSharedCompilation"] = "true",
    };

    /// <summary>Runs a command to its end.</summary>
    /// <param name="directory">Where it runs.</param>
    /// <param name="home">The home of the command line, where templates are installed; the machine's own without one.</param>
    /// <param name="arguments">The command's arguments.</param>
    public static Task<CommandResult> Run(string directory, string? home, params IEnumerable<string> arguments) =>
        RunProgram("dotnet", directory, home, arguments);

    /// <summary>Runs a program, such as a script that runs <c>dotnet</c>, to its end.</summary>
    /// <param name="program">The program, as a path or a name on PATH.</param>
    /// <param name="directory">Where it runs.</param>
    /// <param name="home">The home of the command line; the machine's own without one.</param>
    /// <param name="arguments">The program's arguments.</param>
    public static async Task<CommandResult> RunProgram(
        string program, string directory, string? home, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToList())
            start.Environment.Remove(variable);
        foreach (var (variable, value) in Environment)
            start.Environment[variable] = value;
        if (home is not null)
            start.Environment["DOTNET_CLI_HOME"] = home;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var process = ChildProcesses.Start(start);
        process.StandardInput.Close();

        var output = new StringBuilder();
        var readers = Task.WhenAll(Read(process.StandardOutput), Read(process.StandardError));

        try
        {
            await process.WaitForExitAsync(limit.Token);
            await readers.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{program} {string.Join(' ', arguments)} did not end within {Limit.TotalMinutes} minutes. It has written:\n{output}",
                exception);
        }

        return new CommandResult($"{program} {string.Join(' ', arguments)}", process.ExitCode, output.ToString());

        async Task Read(StreamReader reader)
        {
            while (await reader.ReadLineAsync(limit.Token) is { } line)
            {
                lock (output)
                    output.Append(line).Append('\n');
            }
        }
    }
}
