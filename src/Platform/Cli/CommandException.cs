namespace Maestro.Bus.Cli;

/// <summary>A command ends with a sentence for the user and an exit code.</summary>
sealed class CommandException(int exitCode, string message, Exception? innerException = null) : Exception(message, innerException)
{
    public int ExitCode => exitCode;
}
