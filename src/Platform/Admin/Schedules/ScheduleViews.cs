namespace Maestro.Bus.Admin;

/// <summary>Schedules as people see them.</summary>
static class ScheduleViews
{
    public static ScheduleView Of(ScheduleInfo schedule) => new(
        schedule.Name, schedule.Description, schedule.Cron, schedule.Interval?.TotalSeconds, schedule.TimeZone,
        $"{schedule.DaylightSaving}", schedule.Except, schedule.Jitter.TotalSeconds,
        schedule.Start, schedule.End, $"{schedule.Misfire}", $"{schedule.Overlap}", schedule.MessageType, schedule.Destination,
        schedule.IsDeclared, schedule.IsPaused, schedule.NextAt,
        schedule.LastRun is { } run ? Of(run) : null, schedule.Problem);

    public static ScheduleRunView Of(ScheduleRun run) => new(
        run.Id, run.ScheduledAt, run.FiredAt, run.IsManual, run.FiredBy, $"{run.State}", run.Attempts, run.FinishedAt,
        run.Duration?.TotalMilliseconds, run.HandledBy, run.Error);
}
