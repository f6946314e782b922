using MassTransit.DependencyInjection;

namespace Maestro.Bus.Jobs;

/// <summary>Jobs, as a scope sees them: submissions go with the scope's outbox where it has one.</summary>
sealed class JobService(
    JobTypes types,
    JobAdditions additions,
    JobChanges changes,
    JobQueries queries,
    JobBatches batches,
    JobEvents events,
    BusSettings bus,
    EngineNames names,
    TimeProvider time,
    IScopedConsumeContextProvider consumed,
    IServiceProvider scope) : IJobs
{
    // A message of the bus carries a part of them: brokers have limits.
    const int JobsPerMessage = 500;

    static readonly JobSubmission Plain = new();

    public async Task<Guid> Submit<TJob>(TJob job, JobSubmission? submission, CancellationToken cancellationToken)
        where TJob : class
    {
        ArgumentNullException.ThrowIfNull(job);
        var added = New(types.Of(typeof(TJob)), job, JobJson.Write(job), submission ?? Plain);
        await Add([added], null, cancellationToken);
        return added.Id;
    }

    public async Task<IReadOnlyList<Guid>> SubmitMany<TJob>(
        IEnumerable<TJob> jobs, JobSubmission? submission, CancellationToken cancellationToken)
        where TJob : class
    {
        var type = types.Of(typeof(TJob));
        if (submission is { Id: not null })
            throw new ArgumentException("Several jobs cannot have one id. Submit them without one, or one by one.", nameof(submission));

        var added = jobs.Select(job => New(type, job, JobJson.Write(job), submission ?? Plain)).ToList();
        await Add(added, null, cancellationToken);
        return added.ConvertAll(job => job.Id);
    }

    public Task<Guid> SubmitBatch<TJob>(IEnumerable<TJob> jobs, BatchSubmission? submission, CancellationToken cancellationToken)
        where TJob : class =>
        SubmitBatch(types.Of(typeof(TJob)), [.. jobs.Select(job => ((object)job, JobJson.Write(job)))], submission, cancellationToken);

    public async Task<Guid> SubmitJson(string type, string body, JobSubmission? submission, CancellationToken cancellationToken)
    {
        var known = Kind(type);
        var added = New(known, known.Read(body), body, submission ?? Plain);
        await Add([added], null, cancellationToken);
        return added.Id;
    }

    public async Task<Guid> SubmitJsonBatch(
        string type, IEnumerable<string> bodies, BatchSubmission? submission, CancellationToken cancellationToken)
    {
        var known = Kind(type);
        return await SubmitBatch(known, [.. bodies.Select(body => (known.Read(body), body))], submission, cancellationToken);
    }

    public IReadOnlyList<JobKind> Kinds =>
        [.. types.All.OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => new JobKind(type.Name, type.Queue, type.Settings))];

    async Task<Guid> SubmitBatch(
        JobType type, IReadOnlyList<(object Job, string Body)> jobs, BatchSubmission? submission, CancellationToken cancellationToken)
    {
        var said = submission ?? new BatchSubmission();
        if (said.Jobs.Id is not null)
            throw new ArgumentException("The jobs of a batch cannot have one id. Give the batch one.", nameof(submission));

        var id = said.Id ?? NewId.NextGuid();
        // A batch whose jobs are all one tenant's is that tenant's, too.
        var tenant = Tenant(said.Jobs, jobs.Select(job => type.TenantOf(job.Job)).Distinct().ToList() is [{ } one] ? one : null);
        var added = jobs.Select((job, index) =>
            New(type, job.Job, job.Body, said.Jobs) with { Id = DeterministicId.Of($"batch/{id:N}/{index}"), Batch = id }).ToList();
        var callback = said.WhenEnded is { } message ? await events.Store(message, id, tenant) : null;
        await Add(added, new NewBatch { Id = id, Name = said.Name, Total = added.Count, Tenant = tenant, Callback = callback },
            cancellationToken);
        return id;
    }

    public async Task<JobInfo?> Find(Guid id, CancellationToken cancellationToken) =>
        await queries.Find(id, cancellationToken) is { } job ? JobInfo.Of(job, isWhole: true) : null;

    public async Task<IReadOnlyList<JobInfo>> List(JobFilter filter, CancellationToken cancellationToken) =>
        (await queries.List(filter, cancellationToken)).ConvertAll(job => JobInfo.Of(job, isWhole: false));

    public async Task<IReadOnlyList<JobLogLine>> Logs(Guid id, long after, int limit, CancellationToken cancellationToken) =>
        await queries.Logs(id, after, limit, cancellationToken);

    public async Task<IReadOnlyList<JobCount>> Count(CancellationToken cancellationToken) => await queries.Count(cancellationToken);

    public Task<JobBatchInfo?> FindBatch(Guid id, CancellationToken cancellationToken) => batches.Find(id, cancellationToken);

    public async Task<IReadOnlyList<JobBatchInfo>> ListBatches(int limit, CancellationToken cancellationToken) =>
        await batches.List(limit, cancellationToken);

    public Task Cancel(Guid id, string? reason, CancellationToken cancellationToken) =>
        changes.Cancel(id, reason ?? JobCancellationReasons.CancellationRequested, cancellationToken);

    public Task<int> CancelBatch(Guid id, string? reason, CancellationToken cancellationToken) =>
        changes.CancelBatch(id, reason ?? JobCancellationReasons.CancellationRequested, cancellationToken);

    public Task Retry(Guid id, CancellationToken cancellationToken) => changes.Retry(id, cancellationToken);

    public Task RunNow(Guid id, CancellationToken cancellationToken) => changes.RunNow(id, cancellationToken);

    public Task Delete(Guid id, CancellationToken cancellationToken) => changes.Delete(id, cancellationToken);

    public Task SetConcurrency(string type, int? concurrency, int? globalConcurrency, CancellationToken cancellationToken)
    {
        if (concurrency is { } one)
            ArgumentOutOfRangeException.ThrowIfLessThan(one, 1, nameof(concurrency));
        if (globalConcurrency is { } all)
            ArgumentOutOfRangeException.ThrowIfLessThan(all, 1, nameof(globalConcurrency));

        return changes.SetConcurrency(Kind(type).Name, concurrency, globalConcurrency, cancellationToken);
    }

    async Task Add(IReadOnlyList<NewJob> jobs, NewBatch? batch, CancellationToken cancellationToken)
    {
        if (!OutboxSchedulers.IsCapturing(scope))
        {
            await additions.Add(jobs, batch, time.GetUtcNow(), cancellationToken);
            return;
        }

        // The scope's transaction is not ours to write to; its outbox is, and a job is there once.
        var endpoint = await scope.GetRequiredService<ISendEndpointProvider>()
            .GetSendEndpoint(new Uri($"queue:{names.Queue(JobCommandConsumer.Queue)}"));
        foreach (var chunk in jobs.Count == 0 ? [[]] : jobs.Chunk(JobsPerMessage))
            await endpoint.Send(new AddJobs([.. chunk.Select(job => job with { IsRemembered = true })], batch), cancellationToken);
    }

    NewJob New(JobType type, object job, string body, JobSubmission submission)
    {
        var priority = submission.Priority ?? type.Settings.Priority;
        ArgumentOutOfRangeException.ThrowIfNegative(priority, nameof(submission.Priority));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(priority, MessagePriority.Highest, nameof(submission.Priority));
        if (submission.Delay is { } delay)
            ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero, nameof(submission.Delay));
        if (submission.Id == Guid.Empty)
            throw new ArgumentException("A job's id cannot be empty. Leave it out, or give one.", nameof(submission));

        return new NewJob
        {
            Id = submission.Id ?? NewId.NextGuid(),
            Type = type.Name,
            Queue = type.Queue,
            Body = body,
            Priority = priority,
            Due = submission.Delay is { } wait && wait > TimeSpan.Zero ? time.GetUtcNow() + wait : null,
            Tenant = Tenant(submission, type.TenantOf(job)),
            Correlation = consumed.HasContext ? consumed.GetContext().ConversationId : null,
            Properties = submission.Properties is { Count: > 0 } properties ? JobJson.Write(properties) : null,
            Parent = submission.Parent,
            IsRemembered = submission.Id is not null,
        };
    }

    JobType Kind(string name) =>
        types.Find(name)
        ?? throw new InvalidMessageException(
            $"'{name}' is no kind of job of this host. "
                + $"{(types.All.Count == 0
                    ? "There is none"
                    : $"Use {string.Join(", ", types.All.Select(kind => kind.Name).Order(StringComparer.Ordinal))}")}.");

    string Tenant(JobSubmission submission, string? own) =>
        submission.Tenant is { } said && own is not null && said != own
            ? throw new InvalidMessageException(
                $"The job is submitted for the tenant '{said}', and its own TenantId is '{own}'. Name the tenant in one place, or the "
                    + "same in both.")
            : submission.Tenant ?? own ?? (consumed.HasContext ? consumed.GetContext().TenantId() : null) ?? bus.DefaultTenant;
}
