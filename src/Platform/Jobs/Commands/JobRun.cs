namespace Maestro.Bus.Jobs;

/// <summary>
/// The run of a schedule that has started a job. The job's properties tell of it, under the names of the message's headers.
/// </summary>
static class JobRun
{
    public static Dictionary<string, object>? Properties(ScheduledRun? run) => run is null ? null : new Dictionary<string, object>
    {
        [ScheduledRun.RunHeader] = run.Id.ToString(),
        [ScheduledRun.ScheduleHeader] = run.Schedule ?? "",
        [ScheduledRun.TimeHeader] = run.ScheduledAt ?? "",
    };

    /// <summary>How the run of a job that has ended has ended; nothing for a job that no schedule has started.</summary>
    public static ScheduledRunEnd? EndOf(JobRow job)
    {
        if (job.Properties?.Contains(ScheduledRun.RunHeader, StringComparison.Ordinal) != true
            || !JobJson.Read<Dictionary<string, object>>(job.Properties).TryGetValue(ScheduledRun.RunHeader, out var text)
            || !Guid.TryParse(text.ToString(), out var run))
            return null;

        return new ScheduledRunEnd(run, job.Started is { } started ? job.Ended!.Value - started : TimeSpan.Zero, job.Attempt,
            job.Stage switch
            {
                JobStage.Completed => null,
                JobStage.Canceled => $"It was cancelled: {job.Canceled ?? job.Reason}",
                _ => job.Reason ?? "It has failed.",
            });
    }
}
