using System.CommandLine.Help;
using System.Text.RegularExpressions;

namespace Maestro.Bus.Cli;

/// <summary>The command line as a whole.</summary>
static partial class CommandLine
{
    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    public static async Task<int> Run(string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        // What begins with @ is a file that a command reads by itself.
        var parsed = Create(terminal).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await terminal.Error.WriteLineAsync(Plain(error.Message));
            await terminal.Error.WriteLineAsync($"Run '{string.Join(' ', Path(parsed.CommandResult))} --help' for what is right.");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
        }, cancellationToken);
    }

    /// <summary>All the commands: those of every <see cref="CommandGroup"/> of this assembly.</summary>
    public static RootCommand Create(Terminal terminal)
    {
        var root = new RootCommand("Operates a bus through its administration API.");
        root.Options.Add(SharedOptions.Url);
        root.Options.Add(SharedOptions.Key);
        root.Options.Add(SharedOptions.Json);

        foreach (var option in root.Options.OfType<HelpOption>())
            option.Action = new HelpWithExamples((HelpAction)option.Action!);

        foreach (var group in Groups())
            root.Subcommands.Add(group.Create(terminal));

        return root;
    }

    // The library names the types of .NET.
    static string Plain(string error) => ExpectedType().Replace(error, match => match.Groups[1].Value switch
    {
        var type when type.Contains(nameof(Guid), StringComparison.Ordinal) => "an id such as 0b6f1c1e-3c5d-4e0a-9a53-6f6e0b9d2f11",
        var type when type.Contains("Int", StringComparison.Ordinal) => "a whole number",
        var type when type.Contains(nameof(Boolean), StringComparison.Ordinal) => "true or false",
        var type => $"a {type[(type.LastIndexOf('.') + 1)..].TrimEnd(']')}",
    });

    [GeneratedRegex(@"expected type '([^']+)'")]
    private static partial Regex ExpectedType();

    static IEnumerable<CommandGroup> Groups() =>
        typeof(CommandLine).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(CommandGroup)))
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => (CommandGroup)Activator.CreateInstance(type)!);

    static IEnumerable<string> Path(System.CommandLine.Parsing.CommandResult result) =>
        result.Parent is System.CommandLine.Parsing.CommandResult parent ? Path(parent).Append(result.Command.Name) : ["maestro"];
}
