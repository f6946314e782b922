namespace Maestro.Bus.Jobs;

/// <summary>
/// Runs the jobs of one kind in this process: as many at a time as it has slots. A slot that becomes free is given to a job at once. Where
/// jobs take less time than the database, some more are taken ahead, so that they are fetched many at a time.
/// </summary>
sealed partial class JobRunner(
    JobType type, Guid host, JobClaims claims, JobJournal journal, JobExecutor executor, JobSettler settler, JobServiceSettings settings,
    DatabaseOutage outage, ILogger logger)
{
    const int MostAhead = 250;
    const int MostUnsettled = 2_000;
    const double Smoothing = 0.1;

    static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly Lock _lock = new();
    readonly Wakeup _wakeup = new();
    readonly Queue<RunningJob> _ahead = new();
    readonly Dictionary<Guid, RunningJob> _running = [];
    TaskCompletionSource? _idle;
    int _active;
    double _averageMilliseconds = double.NaN;
    bool _mayHaveMore = true;
    bool _isStopping;

    public JobType Type => type;

    /// <summary>How many slots there are, where that was changed at run time.</summary>
    public JobLimits? Limits { get; set; }

    /// <summary>Whether all hosts share a limit.</summary>
    public bool HasGlobalLimit => GlobalSlots is not null;

    int Slots => Limits?.Concurrency ?? type.Settings.Concurrency;

    int? GlobalSlots => Limits?.GlobalConcurrency ?? type.Settings.GlobalConcurrency;

    /// <summary>Has it look for ready jobs.</summary>
    public void Wake()
    {
        Volatile.Write(ref _mayHaveMore, true);
        _wakeup.Set();
    }

    /// <summary>Tells a job to end; <c>false</c> where it does not run here.</summary>
    public bool End(Guid job, JobEnd ending, string reason)
    {
        RunningJob? running;
        lock (_lock)
        {
            if (!_running.TryGetValue(job, out running))
                return false;
        }

        running.End(ending, reason);
        return true;
    }

    /// <summary>Tells all jobs to end.</summary>
    public void EndAll(JobEnd ending, string reason)
    {
        foreach (var running in All())
            running.End(ending, reason);
    }

    /// <summary>What the jobs have to report.</summary>
    public IEnumerable<JobReport> Reports() => All().Select(running => running.Report()).OfType<JobReport>();

    /// <summary>Takes and starts jobs, until it is stopped.</summary>
    public async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Claim(cancellationToken);
                await _wakeup.Wait(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!outage.Tells(exception))
                    NotClaimed(exception, type.Name);
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Wake();
            }
        }
    }

    /// <summary>Starts no more jobs, and gives those back that were taken ahead. Ends when no job runs.</summary>
    public Task Stop()
    {
        lock (_lock)
        {
            _isStopping = true;
            while (_ahead.TryDequeue(out var running))
            {
                _running.Remove(running.Job.Id);
                settler.Settle(
                    new JobEnding
                    {
                        Job = running.Job,
                        Stage = JobStage.Ready,
                        Failures = running.Job.Failures,
                        Stalls = running.Job.Stalls,
                        Reason = running.Job.Reason,
                    });
                running.Dispose();
            }

            if (_active == 0)
                return Task.CompletedTask;

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    async Task Claim(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _mayHaveMore) && Wanted() is > 0 and var wanted)
        {
            Volatile.Write(ref _mayHaveMore, false);
            var jobs = await claims.Claim(type.Name, GlobalSlots, host, wanted, cancellationToken);

            // A signal that came meanwhile stays.
            if (jobs.Count == wanted)
                Volatile.Write(ref _mayHaveMore, true);

            lock (_lock)
            {
                foreach (var job in jobs)
                {
                    var running = new RunningJob(job, type, journal, settings);
                    _running[job.Id] = running;
                    _ahead.Enqueue(running);
                }
            }

            Start();
        }
    }

    int Wanted()
    {
        lock (_lock)
        {
            if (_isStopping)
                return 0;

            var free = Slots - _active - _ahead.Count;
            return Math.Min(free + Ahead(), MostUnsettled - settler.Waiting);
        }
    }

    // As many as the slots work off within the horizon; none of a kind that all hosts share a limit of.
    int Ahead() =>
        GlobalSlots is not null || double.IsNaN(_averageMilliseconds)
            ? 0
            : (int)Math.Min(MostAhead, Horizon.TotalMilliseconds / Math.Max(_averageMilliseconds, 0.05) * Slots);

    void Start()
    {
        lock (_lock)
        {
            if (_isStopping)
                return;

            while (_active < Slots && _ahead.TryDequeue(out var running))
            {
                _active++;
                _ = Task.Run(() => Execute(running), CancellationToken.None);
            }

            if (_ahead.Count <= Ahead() / 2)
                _wakeup.Set();
        }
    }

    async Task Execute(RunningJob running)
    {
        var ending = await executor.Run(running);
        if (ending is not null)
            settler.Settle(ending with { Logs = await running.Close() });

        lock (_lock)
        {
            var elapsed = running.Elapsed.TotalMilliseconds;
            _averageMilliseconds = double.IsNaN(_averageMilliseconds)
                ? elapsed
                : _averageMilliseconds + (elapsed - _averageMilliseconds) * Smoothing;
            _running.Remove(running.Job.Id);
            _active--;
            if (_active == 0)
                _idle?.TrySetResult();
        }

        running.Dispose();
        Start();
    }

    List<RunningJob> All()
    {
        lock (_lock)
            return [.. _running.Values];
    }

    [LoggerMessage(30, LogLevel.Warning, "Jobs {JobType} could not be taken from the database; it is tried again")]
    partial void NotClaimed(Exception exception, string jobType);
}
