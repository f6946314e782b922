using System.ComponentModel;
using System.Diagnostics;

namespace Maestro.Bus.Cli;

/// <summary><c>maestro describe</c>: has a host describe itself. It needs no running bus.</summary>
sealed class DescribeCommands : CommandGroup
{
    static readonly Option<string> Host = new("--host")
    {
        Description = "The folder of the host's project, or its built assembly (.dll).",
        HelpName = "path",
        DefaultValueFactory = _ => Path.Combine("src", "Host"),
    };

    static readonly Option<bool> AsyncApi = new("--asyncapi")
    {
        Description = "Write an AsyncAPI 3.0.0 document of the queues, topics and messages.",
    };

    static readonly Argument<string[]> Settings = new("settings")
    {
        Description = "Settings of the host, such as Bus:Transport=rabbitmq.",
        Arity = ArgumentArity.ZeroOrMore,
        Validators = { Named },
    };

    public override Command Create(Terminal terminal) => new BusCommand(
        "describe",
        "Shows how a host's bus is configured: pipelines, queues with policies and bindings, topics, schedules. It runs the host's own "
            + "command 'describe', which uses neither broker nor database.",
        "describe", "describe --json Bus:Transport=rabbitmq", "describe --asyncapi --host out/Acme.Host.dll")
        .With(Host, AsyncApi, Settings)
        .Does(terminal, (parsed, cancellationToken) =>
        {
            var format = parsed.GetValue(AsyncApi) ? "asyncapi" : parsed.GetValue(SharedOptions.Json) ? "json" : "yaml";
            return Run(
                terminal, Path.GetFullPath(parsed.GetValue(Host)!, terminal.WorkingDirectory),
                [
                    "describe", "--format", format, "--Logging:LogLevel:Default=Warning",
                    .. parsed.GetValue(Settings)!.Select(setting => $"--{setting}"),
                ],
                cancellationToken);
        });

    static void Named(System.CommandLine.Parsing.ArgumentResult settings)
    {
        if (settings.Tokens.FirstOrDefault(token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1) is { } wrong)
            settings.AddError($"'{wrong.Value}' is not a setting. Write NAME=VALUE, such as Bus:Transport=rabbitmq.");
    }

    static async Task<int> Run(Terminal terminal, string host, string[] arguments, CancellationToken cancellationToken)
    {
        string[] start = File.Exists(host) ? [host]
            : Directory.Exists(host) ? ["run", "--project", host, "--no-launch-profile", "--verbosity", "quiet", "--"]
            : throw new CommandException(
                ExitCode.Usage, $"'{host}' does not exist. Name the host's project folder or its assembly with --host.");
        using var process = Start(terminal, [.. start, .. arguments]);
        await using var stopped = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        await Task.WhenAll(
            Copy(process.StandardOutput, terminal.Out), Copy(process.StandardError, terminal.Error),
            process.WaitForExitAsync(CancellationToken.None));
        return process.ExitCode == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    static Process Start(Terminal terminal, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("dotnet", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = terminal.WorkingDirectory,
            })!;
        }
        catch (Win32Exception exception)
        {
            throw new CommandException(
                ExitCode.Refused,
                $"The host cannot be started: {exception.Message}. Install the .NET SDK, and have it on the path.",
                exception);
        }
    }

    static async Task Copy(TextReader from, TextWriter to)
    {
        while (await from.ReadLineAsync() is { } line)
            await to.WriteLineAsync(line);
    }
}
