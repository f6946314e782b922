using MassTransit.JobService.Messages;

namespace Maestro.Bus.Jobs;

/// <summary>Does what MassTransit's messages about jobs ask for, whichever host has the job.</summary>
sealed class JobCommandConsumer(JobAdditions additions, JobChanges changes, JobQueries queries, TimeProvider time) :
    IConsumer<AddJobs>,
    IConsumer<CancelJob>,
    IConsumer<RetryJob>,
    IConsumer<RunJob>,
    IConsumer<FinalizeJob>,
    IConsumer<GetJobState>
{
    /// <summary>The queue that all hosts share.</summary>
    public const string Queue = "job-commands";

    public Task Consume(ConsumeContext<AddJobs> context) =>
        additions.Add(context.Message.Jobs, context.Message.Batch, time.GetUtcNow(), context.CancellationToken);

    public Task Consume(ConsumeContext<CancelJob> context) =>
        changes.Cancel(
            context.Message.JobId, context.Message.Reason ?? JobCancellationReasons.CancellationRequested, context.CancellationToken);

    public Task Consume(ConsumeContext<RetryJob> context) => Allowed(changes.Retry(context.Message.JobId, context.CancellationToken));

    public Task Consume(ConsumeContext<RunJob> context) => Allowed(changes.RunNow(context.Message.JobId, context.CancellationToken));

    public Task Consume(ConsumeContext<FinalizeJob> context) => Allowed(changes.Delete(context.Message.JobId, context.CancellationToken));

    public async Task Consume(ConsumeContext<GetJobState> context)
    {
        var job = await queries.Find(context.Message.JobId, context.CancellationToken);
        await context.RespondAsync<JobState>(
            job is null ? new JobStateResponse { JobId = context.Message.JobId, CurrentState = "NotFound" } : State(job));
    }

    // A job that is in another stage stays there, however often the message comes.
    static async Task Allowed(Task change)
    {
        try
        {
            await change;
        }
        catch (JobStateException exception)
        {
            throw new InvalidMessageException(exception.Message, exception);
        }
    }

    static JobStateResponse State(JobRow job) => new()
    {
        JobId = job.Id,
        Submitted = job.Created.UtcDateTime,
        Started = job.Started?.UtcDateTime,
        Completed = job.Stage == JobStage.Completed ? job.Ended?.UtcDateTime : null,
        Faulted = job.Stage == JobStage.Faulted ? job.Ended?.UtcDateTime : null,
        Duration = job.Ended - job.Started,
        Reason = job.Canceled ?? job.Reason,
        LastRetryAttempt = job.RetryAttempt,
        CurrentState = job.Stage.ToString(),
        ProgressValue = job.ProgressValue,
        ProgressLimit = job.ProgressLimit,
        JobState = job.Saved is { } saved ? JobJson.Read<Dictionary<string, object>>(saved) : null,
        NextStartDate = job.Stage == JobStage.Scheduled ? job.Due.UtcDateTime : null,
    };
}
