using System.Text.Json;

namespace Maestro.Bus.Admin;

/// <summary>Does something about jobs.</summary>
public sealed class JobCommands(IJobs jobs)
{
    /// <summary>Submits a job.</summary>
    /// <exception cref="InvalidMessageException">There is no such kind of job here, or what is asked for is no such job.</exception>
    /// <exception cref="MassTransit.JobNotFoundException">Its parent is not there, or has ended.</exception>
    public async Task<JobSubmitted> Submit(JobRequest request, CancellationToken cancellationToken) => new(await jobs.SubmitJson(
        Kind(request.Type),
        request.Job.ValueKind == JsonValueKind.Undefined ? throw Missing("job", "Give the job itself, as JSON.") : request.Job.GetRawText(),
        Submission(request.Priority, request.Delay, request.Tenant) with { Id = Checked(request.Id), Parent = request.Parent },
        cancellationToken));

    /// <summary>Submits a batch of jobs.</summary>
    /// <exception cref="InvalidMessageException">There is no such kind of job here, or what is asked for are no such jobs.</exception>
    public async Task<JobSubmitted> SubmitBatch(JobBatchRequest request, CancellationToken cancellationToken) =>
        new(await jobs.SubmitJsonBatch(
            Kind(request.Type),
            (request.Jobs ?? throw Missing("jobs", "Give the jobs themselves, as a JSON array.")).Select(job => job.GetRawText()),
            new BatchSubmission
            {
                Id = request.Id,
                Name = request.Name,
                Jobs = Submission(request.Priority, request.Delay, request.Tenant),
            }, cancellationToken));

    /// <summary>Cancels a job and its children, running ones too.</summary>
    /// <exception cref="MassTransit.JobNotFoundException">There is no such job.</exception>
    public Task Cancel(Guid id, string? reason, CancellationToken cancellationToken) => jobs.Cancel(id, reason, cancellationToken);

    /// <summary>Cancels the jobs of a batch that have not ended.</summary>
    /// <exception cref="MassTransit.JobNotFoundException">There is no such batch.</exception>
    public async Task CancelBatch(Guid id, string? reason, CancellationToken cancellationToken)
    {
        if (await jobs.FindBatch(id, cancellationToken) is null)
            throw JobQueries.UnknownBatch(id);

        await jobs.CancelBatch(id, reason, cancellationToken);
    }

    /// <summary>Has a job that has failed or was cancelled begin anew.</summary>
    /// <exception cref="MassTransit.JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">It has not ended, or has completed.</exception>
    public Task Retry(Guid id, CancellationToken cancellationToken) => jobs.Retry(id, cancellationToken);

    /// <summary>Has a job that waits for its time begin now.</summary>
    /// <exception cref="MassTransit.JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">It does not wait for its time.</exception>
    public Task Run(Guid id, CancellationToken cancellationToken) => jobs.RunNow(id, cancellationToken);

    /// <summary>Deletes a job that has ended, with its log.</summary>
    /// <exception cref="MassTransit.JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">It has not ended.</exception>
    public Task Delete(Guid id, CancellationToken cancellationToken) => jobs.Delete(id, cancellationToken);

    /// <summary>Changes how many jobs of a kind run at a time, on all hosts.</summary>
    /// <exception cref="InvalidMessageException">This host has no such kind of job, or a number is less than 1.</exception>
    public Task SetConcurrency(string kind, JobConcurrency request, CancellationToken cancellationToken)
    {
        if (request.Concurrency < 1 || request.GlobalConcurrency < 1)
            throw new InvalidMessageException(
                $"The concurrency is {(request.Concurrency < 1 ? request.Concurrency : request.GlobalConcurrency)}. Use a whole number "
                    + "from 1 on.");

        return jobs.SetConcurrency(kind, request.Concurrency, request.GlobalConcurrency, cancellationToken);
    }

    string Kinds => string.Join(", ", jobs.Kinds.Select(known => known.Name));

    string Kind(string? type) => type ?? throw Missing("type", $"Name a kind of job: {Kinds}.");

    static Guid? Checked(Guid? id) =>
        id != Guid.Empty
            ? id
            : throw new InvalidMessageException("The field 'id' is empty. Leave it out, or give the job an id of its own.");

    static InvalidMessageException Missing(string field, string remedy) => new($"The field '{field}' is missing. {remedy}");

    static JobSubmission Submission(int? priority, string? delay, string? tenant)
    {
        var submission = new JobSubmission { Priority = priority, Tenant = JobSelection.Checked(tenant) };
        if (priority is < 0 or > 9)
            throw new InvalidMessageException($"The priority is {priority}. Use a whole number from 0 (last) to 9 (first).");

        return delay is null ? submission
            : Duration.TryParse(delay, out var wait) ? submission with { Delay = wait }
            : throw new InvalidMessageException($"The delay is '{delay}'. Use a duration such as 250ms, 30s, 5m or 2h.");
    }
}
