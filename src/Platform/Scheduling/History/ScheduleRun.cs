namespace Maestro.Bus.Scheduling;

/// <summary>One run of a schedule.</summary>
/// <param name="Id">The run's id, which is its message's, too.</param>
/// <param name="Schedule">The schedule's name.</param>
/// <param name="ScheduledAt">When it was due.</param>
/// <param name="FiredAt">When its message was sent.</param>
/// <param name="IsManual">Whether somebody triggered it, beside the schedule's times.</param>
/// <param name="FiredBy">The process that sent it.</param>
/// <param name="State">How it went.</param>
/// <param name="Attempts">How often its message was handled.</param>
/// <param name="FinishedAt">When it was handled last.</param>
/// <param name="Duration">How long that took.</param>
/// <param name="HandledBy">The process that handled it.</param>
/// <param name="Error">Why it failed.</param>
public sealed record ScheduleRun(
    Guid Id, string Schedule, DateTimeOffset ScheduledAt, DateTimeOffset FiredAt, bool IsManual, string FiredBy, RunState State,
    int Attempts, DateTimeOffset? FinishedAt, TimeSpan? Duration, string? HandledBy, string? Error);

/// <summary>How a run went.</summary>
public enum RunState
{
    /// <summary>Its message is sent and has not been handled yet, or the job that it has started has not ended.</summary>
    Sent,

    /// <summary>Its message was handled.</summary>
    Succeeded,

    /// <summary>The last attempt to handle its message has failed; another one may follow.</summary>
    Failed,

    /// <summary>It was left out, because the run before it had not ended (<see cref="OverlapRule.Skip"/>).</summary>
    Skipped,
}
