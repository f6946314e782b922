namespace Maestro.Bus.Cli;

/// <summary>A command that shows in its help how it is used, and ends with a sentence when it cannot do its work.</summary>
sealed class BusCommand : Command
{
    /// <param name="name">What it is called by.</param>
    /// <param name="description">What it does, in a sentence.</param>
    /// <param name="examples">What a user would type, without <c>maestro</c>.</param>
    public BusCommand(string name, string description, params string[] examples)
        : base(name, description) =>
        Examples = examples;

    public IReadOnlyList<string> Examples { get; }

    /// <summary>Says what the command does with the bus that the options name.</summary>
    public BusCommand Does(Terminal terminal, Func<ParseResult, Session, CancellationToken, Task> run) =>
        Does(terminal, async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, terminal);
            await run(parsed, session, cancellationToken);
            return ExitCode.Done;
        });

    /// <summary>Says what the command does without a bus, and with which exit code it ends.</summary>
    public BusCommand Does(Terminal terminal, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                return await run(parsed, cancellationToken);
            }
            catch (CommandException exception)
            {
                await terminal.Error.WriteLineAsync(exception.Message);
                return exception.ExitCode;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await terminal.Error.WriteLineAsync("Interrupted.");
                return ExitCode.Refused;
            }
        });
        return this;
    }

    /// <summary>Adds options and arguments.</summary>
    public BusCommand With(params Symbol[] symbols)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Option option)
                Options.Add(option);
            else
                Arguments.Add((Argument)symbol);
        }

        return this;
    }
}
