namespace Maestro.Bus.Cli;

/// <summary>The options and arguments that several commands about jobs have.</summary>
static class JobOptions
{
    public static Argument<Guid> Id() => new("id") { Description = "The job's id." };

    public static Argument<Guid[]> Ids() => new("id") { Description = "The jobs' ids.", Arity = ArgumentArity.OneOrMore };

    public static Option<bool> Follow() => new("--follow", "-f")
    {
        Description = "Show progress and log lines as they come, until it has ended. To stop following does not stop the job.",
    };

    public static Option<int?> Limit(string what, int usual, int most) =>
        new("--limit") { Description = $"How many {what} at most; {usual} without it, up to {most}.", HelpName = "number" };

    public static Option<int?> Priority() => new("--priority") { Description = "From 0 (last) to 9 (first).", HelpName = "number" };

    public static Option<string?> Delay() =>
        new("--delay") { Description = "How long to wait, such as 30s, 5m or 2h.", HelpName = "duration" };

    public static Option<string?> Tenant() =>
        new("--tenant")
        {
            Description = "The tenant that it is run for; without it the one that the job's own tenantId names, or the bus's default.",
            HelpName = "name",
        };
}
