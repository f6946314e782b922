namespace Maestro.Bus.Ledger.Tests;

public sealed class ChildProcessTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_tests_have_started_ends_with_them_even_if_they_are_killed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The signal of a parent's death is one of Linux.");
        await using var parent = ServerProcess.StartChild("The parent", typeof(LedgerProcess).Assembly, ["parent"]);
        var line = await Eventually.Some(
            () => Task.FromResult(parent.Lines.FirstOrDefault(line => line.StartsWith("child ", StringComparison.Ordinal))),
            Patience, "the child", Cancellation);
        var child = $"/proc/{line["child ".Length..]}/cmdline";
        // The program that asks for the signal becomes it.
        await Eventually.True(
            async () => await File.ReadAllTextAsync(child, Cancellation) is var command
                && command.Contains("sleep", StringComparison.Ordinal) && !command.Contains("setpriv", StringComparison.Ordinal),
            Patience, "the child to run", Cancellation);

        // The parent alone, as the system does that runs out of memory.
        await parent.Signal("KILL");

        await Eventually.True(() => Task.FromResult(HasEnded(child)), Patience, "the end of the child", Cancellation);
    }

    static bool HasEnded(string commandLine)
    {
        try
        {
            // What nobody has asked about its end is still listed, without a command.
            return File.ReadAllText(commandLine).Length == 0;
        }
        catch (IOException)
        {
            // It is not listed any more.
            return true;
        }
    }
}
