using System.Diagnostics;

namespace Maestro.Bus.Jobs;

/// <summary>Runs the jobs of this process, for as long as it runs: one runner for each kind, and what they share.</summary>
sealed partial class JobHost(
    JobTypes types,
    JobHosts hosts,
    JobHistory history,
    JobBatches batches,
    JobClaims claims,
    JobJournal journal,
    JobExecutor executor,
    JobSettler settler,
    JobSignals signals,
    JobQueries queries,
    JobMetrics metrics,
    JobServiceSettings settings,
    SteadyClock clock,
    DatabaseOutage outage,
    TimeProvider time,
    ILogger<JobHost> logger) : IHostedLifecycleService, IJobListener
{
    const int RenewalsPerLease = 6;

    static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);
    static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(1);

    // However many announcements come, the tables are looked through so often at most.
    static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(5);

    readonly Guid _id = NewId.NextGuid();
    readonly CancellationTokenSource _stopping = new();
    readonly CancellationTokenSource _givingUp = new();
    readonly Wakeup _look = new();
    readonly HashSet<string> _queues = new(StringComparer.Ordinal);
    readonly Lock _lock = new();
    Dictionary<string, JobRunner> _runners = [];
    Task _working = Task.CompletedTask;
    Task _settling = Task.CompletedTask;
    Task? _ended;
    bool _isStarted;
    long _renewed;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!settings.Run)
            return Task.CompletedTask;

        _runners = types.All.ToDictionary(
            type => type.Name, type => new JobRunner(type, _id, claims, journal, executor, settler, settings, outage, logger),
            StringComparer.OrdinalIgnoreCase);
        _isStarted = true;
        settler.Settled = Settled;
        signals.Connect(this);
        _renewed = Stopwatch.GetTimestamp();
        _settling = settler.Run(_givingUp.Token);
        _working = Task.Run(() => Work(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Begins to stop with the whole host, so that the time that jobs are given is not taken from what stops later.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _ended ??= Stop(cancellationToken);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _ended ??= Stop(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    async Task Stop(CancellationToken cancellationToken)
    {
        // A host may be told to stop before it has come here.
        if (!_isStarted)
            return;

        await _stopping.CancelAsync();
        await _working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var ended = Task.WhenAll(_runners.Values.Select(runner => runner.Stop()));
        await Task.WhenAny(ended, Task.Delay(settings.StopTimeout, time, cancellationToken));
        foreach (var runner in _runners.Values)
            runner.EndAll(JobEnd.Stopped, JobCancellationReasons.Shutdown);

        await ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        settler.Complete();
        _givingUp.CancelAfter(SettleLimit);
        await _settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        signals.Connect(null);

        try
        {
            using var limit = new CancellationTokenSource(SettleLimit);
            await hosts.Leave(_id, limit.Token);
        }
        catch (Exception exception)
        {
            // Its time runs out by itself.
            if (!outage.Tells(exception))
                NotDone(exception, "tell that this host has ended");
        }
    }

    public void Ready(string type)
    {
        if (_runners.TryGetValue(type, out var runner))
            runner.Wake();
    }

    public bool Cancel(Guid job, string reason) => _runners.Values.Any(runner => runner.End(job, JobEnd.Canceled, reason));

    public void Look() => _look.Set();

    async Task Work(CancellationToken cancellationToken)
    {
        await Until("register the kinds of jobs", async token =>
        {
            await hosts.Renew(_id, $"{Environment.MachineName}:{Environment.ProcessId}", token);
            await hosts.Register(types.All.Select(type => type.Name), token);
        }, cancellationToken);
        _renewed = Stopwatch.GetTimestamp();

        await Task.WhenAll(
            [
                Task.Run(() => KeepAlive(cancellationToken), CancellationToken.None),
                Task.Run(() => KeepLooking(cancellationToken), CancellationToken.None),
                Every(settings.StalledAfter / RenewalsPerLease, "take stalled jobs back", hosts.TakeBackStalled, cancellationToken),
                Every(settings.ProgressInterval, "write down progress and logs", Report, cancellationToken),
                Every(settings.PollInterval, "forget old jobs", Trim, cancellationToken),
                Every(ForgetInterval, "forget old batches and ids", Forget, cancellationToken),
                Every(SharedFigure.Interval, "count the jobs that wait", Count, cancellationToken),
                .. _runners.Values.Select(runner => Task.Run(() => runner.Run(cancellationToken), CancellationToken.None)),
            ]);
    }

    async Task KeepAlive(CancellationToken cancellationToken)
    {
        var interval = settings.StalledAfter / RenewalsPerLease;

        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            try
            {
                var asked = Stopwatch.GetTimestamp();
                await hosts.Renew(_id, $"{Environment.MachineName}:{Environment.ProcessId}", cancellationToken);
                _renewed = asked;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!outage.Tells(exception))
                    NotDone(exception, "show that this host lives");
                if (Stopwatch.GetElapsedTime(_renewed) > settings.StalledAfter - interval)
                {
                    foreach (var runner in _runners.Values)
                        runner.EndAll(
                            JobEnd.Lost, $"This host could not show that it lives for {settings.StalledAfter.TotalSeconds:0.#} s.");
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    async Task KeepLooking(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = settings.PollInterval;

            try
            {
                if (await hosts.MakeDueReady(cancellationToken) is { } next && next < wait)
                    wait = next > TimeSpan.FromMilliseconds(1) ? next : TimeSpan.FromMilliseconds(1);

                var news = await hosts.Look(_id, [.. _runners.Keys], cancellationToken);
                foreach (var limits in news.Limits)
                {
                    if (_runners.TryGetValue(limits.Type, out var runner))
                        runner.Limits = limits;
                }

                foreach (var type in news.Ready)
                    _runners[type].Wake();
                foreach (var (job, reason) in news.Canceled)
                    Cancel(job, reason);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!outage.Tells(exception))
                    NotDone(exception, "look for ready jobs");
                wait = wait < FailurePause ? wait : FailurePause;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(LookPause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _look.Wait(wait, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task Report(CancellationToken cancellationToken)
    {
        var reports = _runners.Values.SelectMany(runner => runner.Reports()).ToList();
        if (reports.Count == 0)
            return;

        try
        {
            await journal.Report(reports, cancellationToken);
        }
        catch (Exception exception) when (JobDatabase.IsCause(exception) || cancellationToken.IsCancellationRequested)
        {
            reports.ForEach(report => report.TakeBack());
            throw;
        }
        catch (Exception)
        {
            await ReportEach(reports, cancellationToken);
        }
        finally
        {
            reports.ForEach(report => report.End());
        }
    }

    // One that cannot be written keeps no other from it.
    async Task ReportEach(List<JobReport> reports, CancellationToken cancellationToken)
    {
        foreach (var report in reports)
        {
            try
            {
                await journal.Report([report], cancellationToken);
            }
            catch (Exception exception) when (JobDatabase.IsCause(exception) || cancellationToken.IsCancellationRequested)
            {
                report.TakeBack();
            }
            catch (Exception exception)
            {
                NotReported(exception, report.Job.Id, report.Logs.Count);
            }
        }
    }

    async Task Trim(CancellationToken cancellationToken)
    {
        List<string> queues;
        lock (_lock)
        {
            queues = [.. _queues];
            _queues.Clear();
        }

        foreach (var queue in queues)
            await history.Trim(queue, cancellationToken);
    }

    async Task Forget(CancellationToken cancellationToken)
    {
        if (!await clock.IsSteady(cancellationToken))
            return;

        await history.ForgetIds(cancellationToken);
        await batches.Forget(settings.IdRetention, cancellationToken);
    }

    async Task Count(CancellationToken cancellationToken)
    {
        if (metrics.IsWatched)
            metrics.Counted(await queries.Count(cancellationToken));
    }

    void Settled(IReadOnlyList<JobEnding> endings, EndedJobs ended)
    {
        lock (_lock)
        {
            foreach (var job in ended.Rows)
                _queues.Add(job.Queue);
        }

        // The slot is free for all hosts only now.
        foreach (var type in endings.Select(ending => ending.Job.Type).Distinct())
        {
            if (_runners.TryGetValue(type, out var runner) && runner.HasGlobalLimit)
                signals.Ready(type);
        }
    }

    async Task Every(TimeSpan interval, string what, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            try
            {
                await run(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!outage.Tells(exception))
                    NotDone(exception, what);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    async Task Until(string what, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await run(cancellationToken);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!outage.Tells(exception))
                    NotDone(exception, what);
                await Task.Delay(settings.PollInterval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(41, LogLevel.Error, "The progress and {Count} log lines of the job {Job} cannot be written down, and are left out")]
    partial void NotReported(Exception exception, Guid job, int count);

    [LoggerMessage(40, LogLevel.Warning, "The host could not {What}; it is tried again")]
    partial void NotDone(Exception exception, string what);
}
