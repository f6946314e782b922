namespace Maestro.Bus.Admin;

/// <summary>Tells of schedules.</summary>
public sealed class ScheduleQueries(ISchedules schedules)
{
    const int Most = 1_000;
    const int Usual = 100;

    /// <summary>Some schedules, in the order of their names.</summary>
    /// <param name="page">The name after which to begin; null for the first page.</param>
    /// <param name="limit">How many, from 1 to 1000; null for 100.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="ScheduleProblem">So many are not listed at once.</exception>
    public async Task<SchedulePage> List(string? page, int? limit, CancellationToken cancellationToken)
    {
        var size = Allowed(limit ?? Usual, "limit");
        // One more tells whether there is another page.
        var found = await schedules.List(page, size + 1, cancellationToken);
        return new SchedulePage([.. found.Take(size).Select(ScheduleViews.Of)], found.Count > size ? found[size - 1].Name : null);
    }

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
        return runs.Count > 0 || await schedules.Find(name, cancellationToken) is not null
            ? [.. runs.Select(ScheduleViews.Of)]
            : throw ScheduleProblem.Unknown(name);
    }

    static int Allowed(int count, string what = "count") => count is >= 1 and <= Most
        ? count
        : throw new ScheduleProblem(false, $"The {what} is {count}.", $"Use a whole number from 1 to {Most}.");
}
