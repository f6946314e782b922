namespace Maestro.Bus.Admin;

/// <summary>Does something about schedules.</summary>
public sealed class ScheduleCommands(ISchedules schedules)
{
    /// <summary>Stops one from running, until it is resumed.</summary>
    /// <exception cref="ScheduleProblem">There is no such one.</exception>
    public async Task Pause(string name, CancellationToken cancellationToken) =>
        Known(name, await schedules.Pause(name, cancellationToken));

    /// <summary>Lets one run again, from now on.</summary>
    /// <exception cref="ScheduleProblem">There is no such one.</exception>
    public async Task Resume(string name, CancellationToken cancellationToken) =>
        Known(name, await schedules.Resume(name, cancellationToken));

    /// <summary>Runs one once, at once.</summary>
    /// <exception cref="ScheduleProblem">There is no such one.</exception>
    public async Task<ScheduleRunView> Trigger(string name, CancellationToken cancellationToken) =>
        ScheduleViews.Of(await schedules.Trigger(name, cancellationToken) ?? throw ScheduleProblem.Unknown(name));

    /// <summary>Deletes one.</summary>
    /// <exception cref="ScheduleProblem">There is no such one.</exception>
    public async Task Delete(string name, CancellationToken cancellationToken) =>
        Known(name, await schedules.Delete(name, cancellationToken));

    static void Known(string name, bool isThere)
    {
        if (!isThere)
            throw ScheduleProblem.Unknown(name);
    }
}
