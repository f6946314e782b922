namespace Maestro.Bus.Jobs;

/// <summary>Makes the messages that tell of jobs, for the outbox: they are sent if, and only if, what they tell of is committed.</summary>
sealed class JobEvents(JobTypes types, IServiceProvider services, JobServiceSettings settings, TimeProvider time)
{
    public Task<IReadOnlyList<WaitingMessage>> Submitted(IReadOnlyList<NewJob> jobs, DateTimeOffset now) =>
        !settings.Events || jobs.Count == 0
            ? Task.FromResult<IReadOnlyList<WaitingMessage>>([])
            : Capture(async endpoint =>
            {
                foreach (var job in jobs)
                    await endpoint.Publish(
                        new JobSubmittedEvent
                        {
                            JobId = job.Id,
                            JobTypeId = DeterministicId.Of($"job-type/{job.Type}"),
                            Timestamp = now.UtcDateTime,
                            JobTimeout = types.Find(job.Type)?.Settings.Timeout ?? TimeSpan.Zero,
                            Job = JobJson.Read<Dictionary<string, object>>(job.Body),
                            JobProperties = JobJson.Properties(job.Properties)?.Properties,
                        },
                        Pipe("submitted", job.Id, job.Correlation, job.Tenant));
            });

    public Task<IReadOnlyList<WaitingMessage>> Started(IReadOnlyList<JobRow> jobs) =>
        Tell(jobs, (endpoint, job) => types.Find(job.Type) is { } type
            ? type.PublishStarted(endpoint, job, Pipe($"started/{job.Attempt}", job))
            : Task.CompletedTask);

    public Task<IReadOnlyList<WaitingMessage>> Ended(IReadOnlyList<JobRow> jobs) => Tell(jobs, Ended);

    /// <summary>The bus's own message at the end of a batch.</summary>
    public Task<IReadOnlyList<WaitingMessage>> BatchCompleted(JobBatchInfo batch) => Capture(endpoint => endpoint.Publish(
        new JobBatchCompleted(batch.Id, batch.Name, batch.Total, batch.Completed, batch.Failed, batch.Canceled, batch.Ended!.Value),
        MassTransit.Pipe.Execute<PublishContext>(publish =>
            Address(publish, DeterministicId.Of($"batch/{batch.Id:N}"), batch.Id, batch.Tenant))));

    /// <summary>Writes a message down that is to be published later.</summary>
    public async Task<StoredMessage> Store(object message, Guid batch, string? tenant) =>
        StoredMessage.Of((await Capture(endpoint => endpoint.Publish(
            message, message.GetType(), MassTransit.Pipe.Execute<PublishContext>(publish =>
                Address(publish, DeterministicId.Of($"batch/{batch:N}"), batch, tenant)))))[0]);

    async Task Ended(IPublishEndpoint endpoint, JobRow job)
    {
        await Publish(endpoint, job, Pipe($"ended/{job.Attempt}/{job.Failures}", job));

        // MassTransit tells those who know the job's type of its failure as of any message's.
        if (job.Stage == JobStage.Faulted && types.Find(job.Type) is { } type)
            await type.PublishFault(endpoint, job, Pipe($"fault/{job.Attempt}/{job.Failures}", job));
    }

    Task Publish(IPublishEndpoint endpoint, JobRow job, IPipe<PublishContext> pipe)
    {
        return job.Stage switch
        {
            JobStage.Completed when types.Find(job.Type) is { } type => type.PublishCompleted(endpoint, job, pipe),
            JobStage.Canceled => endpoint.Publish(new JobCanceledEvent
            {
                JobId = job.Id,
                Timestamp = job.Ended!.Value.UtcDateTime,
                Reason = job.Canceled ?? job.Reason,
            }, pipe),
            JobStage.Completed => endpoint.Publish(
                new UnknownJobCompletedEvent
                {
                    JobId = job.Id,
                    Timestamp = job.Ended!.Value.UtcDateTime,
                    Duration = job.Ended.Value - (job.Started ?? job.Ended.Value),
                    Job = JobJson.Read<Dictionary<string, object>>(job.Body),
                    JobProperties = JobJson.Properties(job.Properties)?.Properties,
                },
                pipe),
            _ => endpoint.Publish(
                new JobFaultedEvent
                {
                    JobId = job.Id,
                    Timestamp = job.Ended!.Value.UtcDateTime,
                    Duration = job.Ended - job.Started,
                    Job = JobJson.Read<Dictionary<string, object>>(job.Body),
                    Exceptions = JobJson.Exceptions(job),
                },
                pipe),
        };
    }

    Task<IReadOnlyList<WaitingMessage>> Tell(IReadOnlyList<JobRow> jobs, Func<IPublishEndpoint, JobRow, Task> tell) =>
        !settings.Events || jobs.Count == 0
            ? Task.FromResult<IReadOnlyList<WaitingMessage>>([])
            : Capture(async endpoint =>
            {
                foreach (var job in jobs)
                    await tell(endpoint, job);
            });

    async Task<IReadOnlyList<WaitingMessage>> Capture(Func<IPublishEndpoint, Task> publish)
    {
        var capture = new OutboxCapture(services, time);
        await publish(capture.Endpoint);
        return capture.Messages;
    }

    static IPipe<PublishContext> Pipe(string name, JobRow job) => Pipe(name, job.Id, job.Correlation, job.Tenant);

    static IPipe<PublishContext> Pipe(string name, Guid job, Guid? correlation, string? tenant) =>
        MassTransit.Pipe.Execute<PublishContext>(publish =>
        {
            publish.ConversationId = correlation;
            Address(publish, DeterministicId.Of($"job/{job:N}/{name}"), job, tenant);
        });

    // The order of a job's, or a batch's, messages is kept; the same happening has the same id, however often it is told.
    static void Address(PublishContext publish, Guid messageId, Guid about, string? tenant)
    {
        publish.MessageId = messageId;
        publish.CorrelationId = about;
        publish.SetOrderingKey(about.ToString("n"));
        if (tenant is not null)
            publish.SetTenantId(tenant);
    }
}
