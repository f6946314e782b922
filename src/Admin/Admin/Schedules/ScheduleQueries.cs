namespace MaestroBus.Admin;

/// <summary>Tells of schedules.</summary>
public sealed class ScheduleQueries(ISchedules schedules)
{
    const int Most = 1_000;

    /// <summary>All schedules, in the order of their names.</summary>
    public async Task<IReadOnlyList<ScheduleView>> List(CancellationToken cancellationToken) => [.. (await schedules.List(cancellationToken)).Select(ScheduleViews.Of)];

    /// <summary>One schedule.</summary>
    /// <exception cref="ScheduleProblem">There is no such one.</exception>
    public async Task<ScheduleView> Find(string name, CancellationToken cancellationToken) =>
        ScheduleViews.Of(await schedules.Find(name, cancellationToken) ?? throw ScheduleProblem.Unknown(name));

    /// <summary>The next times of one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="count">How many, from 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="ScheduleProblem">There is no such one, or so many are not told at once.</exception>
    public async Task<IReadOnlyList<DateTimeOffset>> Next(string name, int count, CancellationToken cancellationToken) =>
        await schedules.Next(name, Allowed(count), cancellationToken) ?? throw ScheduleProblem.Unknown(name);

    /// <summary>The newest runs of one, also of one that is deleted.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="count">How many, from 1 to 1000.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="ScheduleProblem">There is no such one, or so many are not told at once.</exception>
    public async Task<IReadOnlyList<ScheduleRunView>> History(string name, int count, CancellationToken cancellationToken)
    {
        var runs = await schedules.History(name, Allowed(count), cancellationToken);
        return runs.Count > 0 || await schedules.Find(name, cancellationToken) is not null ? [.. runs.Select(ScheduleViews.Of)] : throw ScheduleProblem.Unknown(name);
    }

    static int Allowed(int count) => count is >= 1 and <= Most
        ? count
        : throw new ScheduleProblem(false, $"The count is {count}.", $"Use a whole number from 1 to {Most}.");
}
