namespace Maestro.Bus.Jobs;

/// <summary>Tells the log what an operator looks for of a job that goes wrong, in a line for each.</summary>
static partial class JobLines
{
    public static void HasFailed(ILogger logger, JobRow job, int failures, string reason) =>
        HasFailed(logger, job.Type, job.Id, job.Queue, failures, reason, job.Tenant, job.Correlation);

    public static void IsRetried(ILogger logger, JobRow job, int failures, TimeSpan delay, string reason) =>
        IsRetried(logger, job.Type, job.Id, job.Queue, failures, delay, reason, job.Tenant, job.Correlation);

    public static void IsPutOff(ILogger logger, JobRow job, TimeSpan delay, string reason) =>
        IsPutOff(logger, job.Type, job.Id, job.Queue, delay, reason, job.Tenant, job.Correlation);

    public static void IsTakenBack(ILogger logger, JobRow job) =>
        IsTakenBack(logger, job.Type, job.Id, job.Queue, job.Tenant, job.Correlation);

    [LoggerMessage(14, LogLevel.Warning,
        "The job {JobType} {JobId} of {Queue} has failed for good, after {Failures} attempts: {Reason} "
        + "(tenant {Tenant}, correlation {CorrelationId})")]
    static partial void HasFailed(
        ILogger logger, string jobType, Guid jobId, string queue, int failures, string reason, string? tenant, Guid? correlationId);

    [LoggerMessage(15, LogLevel.Information,
        "The job {JobType} {JobId} of {Queue} has failed, for the {Failures}. time, and is tried again in {Delay}: {Reason} "
        + "(tenant {Tenant}, correlation {CorrelationId})")]
    static partial void IsRetried(
        ILogger logger, string jobType, Guid jobId, string queue, int failures, TimeSpan delay, string reason, string? tenant,
        Guid? correlationId);

    [LoggerMessage(17, LogLevel.Information,
        "The job {JobType} {JobId} of {Queue} has met a dependency that is away, which counts as no failure, and is tried again in "
        + "{Delay}: {Reason} (tenant {Tenant}, correlation {CorrelationId})")]
    static partial void IsPutOff(
        ILogger logger, string jobType, Guid jobId, string queue, TimeSpan delay, string reason, string? tenant, Guid? correlationId);

    [LoggerMessage(16, LogLevel.Information,
        "The job {JobType} {JobId} of {Queue} is taken back from a host that shows no life, and begins anew "
        + "(tenant {Tenant}, correlation {CorrelationId})")]
    static partial void IsTakenBack(ILogger logger, string jobType, Guid jobId, string queue, string? tenant, Guid? correlationId);
}
