namespace Maestro.Bus.Admin.Contracts;

/// <summary>A schedule.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Cron">Its cron expression; none for an interval.</param>
/// <param name="Interval">The seconds between two runs; none for a cron expression.</param>
/// <param name="TimeZone">The time zone that it is read in.</param>
/// <param name="DaylightSaving"><c>Adjust</c> or <c>Strict</c>: what it does when clocks change.</param>
/// <param name="Except">The days and times without runs.</param>
/// <param name="Jitter">Up to how many seconds later a message is delivered.</param>
/// <param name="Start">When it begins.</param>
/// <param name="End">When it ends.</param>
/// <param name="Misfire"><c>FireOnce</c>, <c>Skip</c> or <c>FireAll</c>: what becomes of missed runs.</param>
/// <param name="Overlap"><c>Queue</c> or <c>Skip</c>: what becomes of a run that is due while an earlier one has not ended.</param>
/// <param name="MessageType">What it sends.</param>
/// <param name="Destination">Where to.</param>
/// <param name="IsDeclared">Whether a domain or the configuration declares it, instead of somebody at run time.</param>
/// <param name="IsPaused">Whether it is paused.</param>
/// <param name="NextAt">When it runs next; none while it is paused, and after its last run.</param>
/// <param name="LastRun">Its newest run.</param>
/// <param name="Problem">Why it cannot be said when it runs next, such as a time zone that the host's machine does not know; null if it
/// can.</param>
public sealed record ScheduleView(
    string Name, string? Description, string? Cron, double? Interval, string TimeZone, string DaylightSaving, IReadOnlyList<string> Except,
    double Jitter, DateTimeOffset? Start,
    DateTimeOffset? End, string Misfire, string Overlap, string MessageType, string Destination, bool IsDeclared, bool IsPaused,
    DateTimeOffset? NextAt, ScheduleRunView? LastRun,
    string? Problem = null);

/// <summary>Some schedules, in the order of their names.</summary>
/// <param name="Schedules">The schedules.</param>
/// <param name="Next">What to give as <c>page</c> for the next page: the name after which it begins; none where this is the last.</param>
public sealed record SchedulePage(IReadOnlyList<ScheduleView> Schedules, string? Next);

/// <summary>One run of a schedule.</summary>
/// <param name="Id">The run's id, which is its message's, too.</param>
/// <param name="ScheduledAt">When it was due.</param>
/// <param name="FiredAt">When its message was sent.</param>
/// <param name="IsManual">Whether somebody triggered it, beside the schedule's times.</param>
/// <param name="FiredBy">The process that sent it.</param>
/// <param name="State"><c>Sent</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Skipped</c>.</param>
/// <param name="Attempts">How often its message was handled.</param>
/// <param name="FinishedAt">When it was handled last.</param>
/// <param name="Duration">How many milliseconds that took.</param>
/// <param name="HandledBy">The process that handled it.</param>
/// <param name="Error">Why it failed.</param>
public sealed record ScheduleRunView(
    Guid Id, DateTimeOffset ScheduledAt, DateTimeOffset FiredAt, bool IsManual, string FiredBy, string State, int Attempts,
    DateTimeOffset? FinishedAt, double? Duration, string? HandledBy,
    string? Error);
