namespace Maestro.Bus.Cli;

/// <summary><c>maestro jobs</c>.</summary>
sealed class JobCommandGroup : CommandGroup
{
    public override Command Create(Terminal terminal)
    {
        var jobs = new Command("jobs", "Lists, follows, submits, cancels and retries jobs.");
        foreach (var command in JobReadCommands.Create(terminal).Concat(JobActionCommands.Create(terminal))
            .Append(JobBatchCommands.Create(terminal)))
            jobs.Subcommands.Add(command);

        return jobs;
    }
}
