namespace Maestro.Bus.Cli;

/// <summary>
/// The commands of one area, such as <c>dlq</c>. Each non-abstract class of this assembly is found by itself; it needs a constructor
/// without parameters.
/// </summary>
abstract class CommandGroup
{
    /// <summary>Makes the area's command, with what belongs to it as subcommands.</summary>
    public abstract Command Create(Terminal terminal);
}
