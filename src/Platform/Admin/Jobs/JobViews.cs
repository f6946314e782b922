namespace Maestro.Bus.Admin;

/// <summary>Shows jobs as the administration's contracts have them.</summary>
public static class JobViews
{
    /// <summary>A job.</summary>
    public static JobView Of(JobInfo job) => new(
        job.Id, job.Number, job.Type, job.Queue, JobState.Name(job.Stage, job.IsCanceling), job.HasEnded, job.Priority, job.Due,
        job.Created, job.Started, job.Ended, job.Attempt,
        job.Failures, job.Stalls, job.Progress, job.ProgressLimit, job.Tenant, job.Parent, job.Children, job.Batch, job.Reason, job.Job,
        job.State, job.Exceptions);

    /// <summary>A log line.</summary>
    public static JobLogView Of(JobLogLine line) => new(line.Number, line.Attempt, line.Time, $"{line.Level}", line.Category, line.Text);

    /// <summary>A batch.</summary>
    public static JobBatchView Of(JobBatchInfo batch) => new(
        batch.Id, batch.Name, batch.Total, batch.Remaining, batch.Completed, batch.Failed, batch.Canceled, batch.Created, batch.Ended,
        batch.Tenant);

    /// <summary>A count.</summary>
    public static JobCountView Of(JobCount count) =>
        new(count.Type, count.Queue, JobState.Name(count.Stage, count.IsCanceling), count.Count);

    /// <summary>A kind of job.</summary>
    public static JobKindView Of(JobKind kind) => new(
        kind.Name, kind.Queue, kind.Settings.Timeout, kind.Settings.Concurrency, kind.Settings.GlobalConcurrency, kind.Settings.Priority,
        kind.Settings.Attempts,
        kind.Settings.FirstRetryDelay, kind.Settings.MaxRetryDelay);
}
