namespace Maestro.Bus.Jobs;

/// <summary>
/// Submits jobs, and finds and changes them. Within a consumer or an HTTP endpoint whose messages go through the outbox, submissions are
/// committed with everything else; elsewhere they are in the database when the method returns. MassTransit's <c>SubmitJob</c>,
/// <c>CancelJob</c> and <c>RetryJob</c> do the same by message, from any process.
/// </summary>
public interface IJobs
{
    /// <summary>Submits a job.</summary>
    /// <returns>The job's id.</returns>
    /// <exception cref="InvalidOperationException">No domain of this host has a consumer for it.</exception>
    /// <exception cref="JobNotFoundException">Its parent is not there, or has ended.</exception>
    /// <exception cref="InvalidMessageException">It is submitted for another tenant than its own <c>TenantId</c> names.</exception>
    Task<Guid> Submit<TJob>(TJob job, JobSubmission? submission = null, CancellationToken cancellationToken = default)
        where TJob : class;

    /// <summary>Submits any number of jobs: all or none.</summary>
    /// <returns>Their ids, in their order.</returns>
    /// <exception cref="ArgumentException">The submission has an id.</exception>
    Task<IReadOnlyList<Guid>> SubmitMany<TJob>(
        IEnumerable<TJob> jobs, JobSubmission? submission = null, CancellationToken cancellationToken = default)
        where TJob : class;

    /// <summary>Submits a batch: any number of jobs, and one message when all have ended, however they have.</summary>
    /// <returns>The batch's id.</returns>
    Task<Guid> SubmitBatch<TJob>(IEnumerable<TJob> jobs, BatchSubmission? submission = null, CancellationToken cancellationToken = default)
        where TJob : class;

    /// <summary>Submits a job whose kind is only known by its name.</summary>
    /// <param name="type">The name of the kind of job.</param>
    /// <param name="body">The job, as JSON.</param>
    /// <param name="submission">What is said about it.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="InvalidMessageException">There is no such kind here, or the text is no such job.</exception>
    Task<Guid> SubmitJson(string type, string body, JobSubmission? submission = null, CancellationToken cancellationToken = default);

    /// <summary>Submits a batch of jobs whose kind is only known by its name.</summary>
    /// <param name="type">The name of the kind of job.</param>
    /// <param name="bodies">The jobs, each as JSON.</param>
    /// <param name="submission">What is said about the batch.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="InvalidMessageException">There is no such kind here, or a text is no such job.</exception>
    Task<Guid> SubmitJsonBatch(
        string type, IEnumerable<string> bodies, BatchSubmission? submission = null, CancellationToken cancellationToken = default);

    /// <summary>The kinds of jobs that this host has consumers for, in the order of their names.</summary>
    IReadOnlyList<JobKind> Kinds { get; }

    /// <summary>A job, with everything that is known of it; none where its record is not there, or not kept any more.</summary>
    Task<JobInfo?> Find(Guid id, CancellationToken cancellationToken = default);

    /// <summary>The jobs that a filter takes, the newest first, without what they hold.</summary>
    Task<IReadOnlyList<JobInfo>> List(JobFilter filter, CancellationToken cancellationToken = default);

    /// <summary>What a job has logged after a line, in its order.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="after">The number of the last line that is known; 0 for all.</param>
    /// <param name="limit">How many lines at most.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    Task<IReadOnlyList<JobLogLine>> Logs(Guid id, long after = 0, int limit = 1_000, CancellationToken cancellationToken = default);

    /// <summary>How many jobs there are of each kind and stage.</summary>
    Task<IReadOnlyList<JobCount>> Count(CancellationToken cancellationToken = default);

    /// <summary>A batch; none where it is not there, or not kept any more.</summary>
    Task<JobBatchInfo?> FindBatch(Guid id, CancellationToken cancellationToken = default);

    /// <summary>The batches, the newest first.</summary>
    Task<IReadOnlyList<JobBatchInfo>> ListBatches(int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>
    /// Cancels a job and its children. What waits has ended when this returns; what runs, wherever it does, is told to end.
    /// </summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    Task Cancel(Guid id, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Cancels all jobs of a batch that have not ended.</summary>
    /// <returns>How many there were.</returns>
    Task<int> CancelBatch(Guid id, string? reason = null, CancellationToken cancellationToken = default);

    /// <summary>Has a job that has failed or was cancelled begin anew, with the state that it has saved.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">It has not ended, or has completed.</exception>
    Task Retry(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Has a job that waits for its time begin now.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">It does not wait for its time.</exception>
    Task RunNow(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Deletes a job that has ended, with its log.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="JobStateException">It has not ended.</exception>
    Task Delete(Guid id, CancellationToken cancellationToken = default);

    /// <summary>Changes how many jobs of a kind run at a time, on every host within 2 seconds, until it is changed again.</summary>
    /// <param name="type">The name of the kind of job.</param>
    /// <param name="concurrency">How many in one process; nothing for what the settings say.</param>
    /// <param name="globalConcurrency">How many in all processes together; nothing for what the settings say.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="InvalidMessageException">This host has no such kind.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than 1.</exception>
    Task SetConcurrency(string type, int? concurrency, int? globalConcurrency, CancellationToken cancellationToken = default);
}
