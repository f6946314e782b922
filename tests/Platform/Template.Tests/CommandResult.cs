namespace Maestro.Bus.Template.Tests;

/// <summary>How a command ended and what it has written.</summary>
sealed record CommandResult(string Command, int ExitCode, string Output)
{
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"{Command} ended with {ExitCode}:\n{Output}");
        return Output;
    }

    public string Failed()
    {
        Assert.True(ExitCode != 0, $"{Command} should have failed:\n{Output}");
        return Output;
    }
}
