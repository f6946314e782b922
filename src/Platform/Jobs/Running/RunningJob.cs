using System.Diagnostics;

namespace Maestro.Bus.Jobs;

/// <summary>A job that this process runs, or is about to.</summary>
sealed class RunningJob : IDisposable
{
    readonly CancellationTokenSource _source = new();
    readonly Lock _lock = new();
    readonly JobJournal _journal;
    long _begun;
    JobProgress? _progress;
    bool _isReported = true;
    bool _isClosed;
    Task _reporting = Task.CompletedTask;

    public RunningJob(JobRow job, JobType type, JobJournal journal, JobServiceSettings settings)
    {
        (Job, Type, _journal) = (job, type, journal);
        Saved = job.Saved;
        Log = new JobLog(job.Attempt, settings.LogLines);
        Token = _source.Token;

        if (job is { ProgressValue: { } value })
            _progress = new JobProgress(value, job.ProgressLimit);
        if (job.Canceled is { } reason)
            End(JobEnd.Canceled, reason);
    }

    public JobRow Job { get; }

    public JobType Type { get; }

    public JobLog Log { get; }

    /// <summary>Cancelled when the job is to end.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why it is to end.</summary>
    public JobEnd Ending { get; private set; }

    /// <summary>What whoever wants it to end has said.</summary>
    public string? Reason { get; private set; }

    /// <summary>What the job says of its result.</summary>
    public string? Result { get; set; }

    /// <summary>What the job has saved, as JSON.</summary>
    public string? Saved { get; private set; }

    /// <summary>When it has begun, by the stopwatch; null if it has not.</summary>
    public long? Begun => _begun == 0 ? null : _begun;

    public TimeSpan Elapsed => _begun == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_begun);

    public JobProgress? Progress
    {
        get
        {
            lock (_lock)
                return _progress;
        }
    }

    public void Begin() => _begun = Stopwatch.GetTimestamp();

    /// <summary>Tells it to end; only the first reason counts.</summary>
    public void End(JobEnd ending, string reason)
    {
        lock (_lock)
        {
            if (Ending != JobEnd.None)
                return;

            (Ending, Reason) = (ending, reason);
        }

        try
        {
            // What consumers have registered with the token must not run in whoever cancels.
            _ = _source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    public void SetProgress(JobProgress progress)
    {
        lock (_lock)
            (_progress, _isReported) = (progress, false);
    }

    /// <summary>Saves the job's state, so that its next attempt finds it.</summary>
    /// <exception cref="OperationCanceledException">The attempt is over for everybody else: its host has shown no life for too
    /// long.</exception>
    public async Task Save(string? state)
    {
        if (!await _journal.Save(Job, state, Progress, CancellationToken.None))
        {
            End(JobEnd.Lost, "Somebody else has taken the job over.");
            throw new OperationCanceledException(
                $"The job {Job.Id} has been taken over from this host, which showed no life for too long.", Token);
        }

        Saved = state;
    }

    /// <summary>What is new since the last time; none where nothing is.</summary>
    public JobReport? Report()
    {
        lock (_lock)
        {
            if (_isClosed)
                return null;

            var lines = Log.Take();
            if (lines.Count == 0 && _isReported)
                return null;

            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var report = new JobReport(Job, _isReported ? null : _progress, lines, () => TakeBack(lines), ended.SetResult);
            (_isReported, _reporting) = (true, ended.Task);
            return report;
        }
    }

    /// <summary>
    /// Takes the lines that nobody has written down, once the report that is being written is: whoever sees that the job has ended finds
    /// all of its lines.
    /// </summary>
    public async Task<IReadOnlyList<JobLogLine>> Close()
    {
        Task reporting;
        lock (_lock)
            (_isClosed, reporting) = (true, _reporting);

        await reporting;
        return Log.Close();
    }

    public void Dispose() => _source.Dispose();

    // A report that could not be written down is made again.
    void TakeBack(IReadOnlyList<JobLogLine> lines)
    {
        Log.TakeBack(lines);
        lock (_lock)
            _isReported = _progress is null;
    }
}
