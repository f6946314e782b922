namespace Maestro.Bus.Cli;

/// <summary>Asks whether dead letters are really to be deleted for good.</summary>
static class PurgeQuestion
{
    /// <exception cref="CommandException">Nobody is there to say so, or the answer is no.</exception>
    public static async Task Ask(Session session, DeadLetterSelection meant, CancellationToken cancellationToken)
    {
        var answer = await session.Client.Get($"dead-letters/groups{SelectionOptions.Query(meant, ("state", "any"))}", cancellationToken);
        var groups = answer.Deserialize<List<DeadLetterGroupView>>(JsonSerializerOptions.Web)!;
        var what = $"{groups.Sum(group => group.Count)} dead letters of {groups.Count} groups that failed before {meant.Before:u}";

        if (!session.Screen.Terminal.CanAsk)
            throw new CommandException(
                ExitCode.Usage, $"This would delete {what} for good, and nobody is here to be asked. Add --yes to have it done.");

        await session.Screen.Terminal.Error.WriteAsync($"Delete {what} for good? [y/N] ");
        if ((await session.Screen.Terminal.In.ReadLineAsync(cancellationToken))?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
            throw new CommandException(ExitCode.Refused, "Nothing is deleted.");
    }
}
