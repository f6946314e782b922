namespace Maestro.Bus.Scheduling;

/// <summary>Tells of the schedules, and changes them while the bus runs.</summary>
public interface ISchedules
{
    /// <summary>All schedules, in the order of their names.</summary>
    Task<IReadOnlyList<ScheduleInfo>> List(CancellationToken cancellationToken);

    /// <summary>Some schedules, in the order of their names.</summary>
    /// <param name="after">The name after which to begin; null for the first.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    Task<IReadOnlyList<ScheduleInfo>> List(string? after, int limit, CancellationToken cancellationToken);

    /// <summary>One schedule; none where there is none of this name.</summary>
    Task<ScheduleInfo?> Find(string name, CancellationToken cancellationToken);

    /// <summary>The next times of a schedule, at most so many; none where there is none of this name.</summary>
    /// <exception cref="ScheduleTimesException">They cannot be worked out here.</exception>
    Task<IReadOnlyList<DateTimeOffset>?> Next(string name, int count, CancellationToken cancellationToken);

    /// <summary>Stops a schedule from running until it is resumed, and whether there is one. It lasts over restarts.</summary>
    Task<bool> Pause(string name, CancellationToken cancellationToken);

    /// <summary>Lets a schedule run again, from now on, and whether there is one.</summary>
    /// <exception cref="ScheduleTimesException">Its times cannot be worked out here.</exception>
    Task<bool> Resume(string name, CancellationToken cancellationToken);

    /// <summary>Runs a schedule once and at once, even if it is paused; none where there is none of this name.</summary>
    Task<ScheduleRun?> Trigger(string name, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a schedule, and whether there was one. One that is declared comes back with the next start of a host that declares it.
    /// </summary>
    Task<bool> Delete(string name, CancellationToken cancellationToken);

    /// <summary>The newest runs of a schedule, the newest first; also those of one that is deleted.</summary>
    Task<IReadOnlyList<ScheduleRun>> History(string name, int count, CancellationToken cancellationToken);
}

/// <summary>The times of a schedule cannot be worked out, such as in a time zone that this machine does not know.</summary>
public sealed class ScheduleTimesException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>A schedule, as one sees it from outside.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Cron">Its cron expression; none for an interval.</param>
/// <param name="Interval">The time between two runs; none for a cron expression.</param>
/// <param name="TimeZone">The time zone that it is read in.</param>
/// <param name="DaylightSaving">What it does when clocks change.</param>
/// <param name="Except">The days and times without runs.</param>
/// <param name="Jitter">Up to how much later a message is delivered.</param>
/// <param name="Start">When it begins.</param>
/// <param name="End">When it ends.</param>
/// <param name="Misfire">What becomes of missed runs.</param>
/// <param name="Overlap">What becomes of a run that is due while an earlier one has not ended.</param>
/// <param name="MessageType">What it sends.</param>
/// <param name="Destination">Where to.</param>
/// <param name="IsDeclared">Whether a domain or the configuration declares it, instead of somebody at run time.</param>
/// <param name="IsPaused">Whether it is paused.</param>
/// <param name="NextAt">When it runs next; none while it is paused, and after its last run.</param>
/// <param name="LastRun">Its newest run.</param>
/// <param name="Problem">Why it cannot be said when it runs next, such as a time zone that this machine does not know; null if it
/// can.</param>
public sealed record ScheduleInfo(
    string Name, string? Description, string? Cron, TimeSpan? Interval, string TimeZone, DaylightSavingRule DaylightSaving,
    IReadOnlyList<string> Except, TimeSpan Jitter,
    DateTimeOffset? Start, DateTimeOffset? End, MisfirePolicy Misfire, OverlapRule Overlap, string MessageType, string Destination,
    bool IsDeclared, bool IsPaused, DateTimeOffset? NextAt, ScheduleRun? LastRun,
    string? Problem = null);
