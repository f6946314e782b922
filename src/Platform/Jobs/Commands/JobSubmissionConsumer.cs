namespace Maestro.Bus.Jobs;

/// <summary>
/// Takes submissions of one kind of job: MassTransit's, and the job itself sent as a message. A submission that is delivered again is the
/// same job.
/// </summary>
sealed class JobSubmissionConsumer<TJob>(JobTypes types, JobAdditions additions, TimeProvider time)
    : IConsumer<SubmitJob<TJob>>, IConsumer<TJob>
    where TJob : class
{
    public async Task Consume(ConsumeContext<SubmitJob<TJob>> context)
    {
        var submission = context.Message;
        if (submission.JobId == Guid.Empty || submission.Job is null)
            throw new InvalidMessageException($"SubmitJob<{typeof(TJob).Name}> lacks its JobId or its Job. Give it both.");
        if (!string.IsNullOrWhiteSpace(submission.Schedule?.CronExpression))
            throw new InvalidMessageException(
                $"The job {submission.JobId} {typeof(TJob).Name} is to recur ('{submission.Schedule.CronExpression}'), and jobs run once. "
                    + "Declare a schedule that submits it.");

        await Add(context, submission.JobId, submission.Job, submission.Properties, submission.Schedule?.Start);
    }

    public Task Consume(ConsumeContext<TJob> context)
    {
        var run = ScheduledRun.Of(context);
        if (run is not null)
            ScheduledRun.GoesOn(context);

        return Add(context, context.RequestId ?? context.MessageId ?? NewId.NextGuid(), context.Message, JobRun.Properties(run), null);
    }

    async Task Add(ConsumeContext context, Guid id, TJob job, Dictionary<string, object>? properties, DateTimeOffset? start)
    {
        var type = types.Of(typeof(TJob));
        var said = new SubmittedProperties(id, properties);
        var now = time.GetUtcNow();

        await additions.Add(
            [
                new NewJob
                {
                    Id = id,
                    Type = type.Name,
                    Queue = type.Queue,
                    Body = JobJson.Write(job),
                    Priority = said.Priority ?? type.Settings.Priority,
                    Due = start ?? (said.Delay is { } delay ? now + delay : null),
                    Tenant = type.TenantOf(job) ?? context.TenantId(),
                    Correlation = context.ConversationId,
                    Properties = properties is { Count: > 0 } ? JobJson.Write(properties) : null,
                    Parent = said.Parent,
                },
            ],
            null, now, context.CancellationToken);

        if (context.RequestId is not null && context.ResponseAddress is not null)
            await context.RespondAsync<JobSubmissionAccepted>(new { JobId = id });
    }
}
