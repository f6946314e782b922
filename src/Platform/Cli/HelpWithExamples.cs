using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Maestro.Bus.Cli;

/// <summary>The usual help, with examples at its end.</summary>
sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    // Whoever asks for help need not know the rest of the command line yet.
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);

        if (parseResult.CommandResult.Command is BusCommand { Examples.Count: > 0 } command)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
                output.WriteLine($"  maestro {example}");
            output.WriteLine();
        }

        return code;
    }
}
