namespace Maestro.Bus.Jobs;

/// <summary>Runs one attempt of a job, and says what has become of it.</summary>
sealed partial class JobExecutor(
    IServiceScopeFactory scopes, JobMetrics metrics, RetrySettings retries, TimeProvider time, ILogger<JobExecutor> logger)
{
    /// <summary>Runs it. None where others may have taken it over, so that there is nothing to write down.</summary>
    public async Task<JobEnding?> Run(RunningJob running)
    {
        JobLog.Current = running.Log;
        using var scope = logger.BeginScope(new Dictionary<string, object>
        {
            ["JobId"] = running.Job.Id,
            ["JobType"] = running.Job.Type,
            ["Attempt"] = running.Job.Attempt,
        });

        metrics.Started(running.Job.Type);
        var begun = time.GetTimestamp();

        try
        {
            await RunInTime(running);
            return running.Ending == JobEnd.Lost ? null : Ending(running, JobStage.Completed) with { Reason = running.Result };
        }
        catch (Exception exception)
        {
            return Failed(running, exception);
        }
        finally
        {
            metrics.Ran(running.Job.Type, time.GetElapsedTime(begun));
            JobLog.Current = null;
        }
    }

    async Task RunInTime(RunningJob running)
    {
        var settings = running.Type.Settings;
        running.Token.ThrowIfCancellationRequested();
        running.Begin();

        using var timeout = time.CreateTimer(
            _ => running.End(JobEnd.TimedOut, $"It has taken longer than {settings.Timeout}."), null, settings.Timeout,
            Timeout.InfiniteTimeSpan);
        var run = RunInScope(running);

        if (!run.IsCompleted)
        {
            var canceled = new TaskCompletionSource();
            await using (running.Token.Register(canceled.SetResult))
                await Task.WhenAny(run, canceled.Task);

            if (!run.IsCompleted)
                await Task.WhenAny(run, Task.Delay(settings.CancellationTimeout, time));

            if (!run.IsCompleted)
            {
                // It holds no slot any more, and its log is nobody's; whatever it still does, it does unseen.
                NotEnded(running.Job.Id, running.Job.Type, settings.CancellationTimeout);
                _ = run.ContinueWith(task => task.Exception, TaskScheduler.Default);
                throw new OperationCanceledException(running.Token);
            }
        }

        await run;
    }

    async Task RunInScope(RunningJob running)
    {
        // Consumers may block before they first wait, and a timer or a cancellation must be heard meanwhile.
        await Task.Yield();
        await using var scope = scopes.CreateAsyncScope();
        await running.Type.Run(scope.ServiceProvider, running);
    }

    JobEnding? Failed(RunningJob running, Exception exception)
    {
        switch (running.Ending)
        {
            case JobEnd.Lost:
                WasLost(running.Job.Id, running.Job.Type, running.Reason!);
                return null;
            case JobEnd.Stopped:
                WasStopped(running.Job.Id, running.Job.Type);
                return Ending(running, JobStage.Ready);
            case JobEnd.Canceled:
                WasCanceled(running.Job.Id, running.Job.Type, LogText.Clean(running.Reason));
                return Ending(running, JobStage.Canceled) with { Reason = running.Reason };
            case JobEnd.TimedOut when exception is OperationCanceledException:
                exception = new TimeoutException(running.Reason, exception);
                break;
        }

        if (DependencyUnavailableException.In(exception) is not null
            && running.Type.DelayWhileAway(exception, running.Job.Attempt) is { } pause)
            return PutOff(running, exception, retries.DelayAfter(pause, exception));

        var failures = running.Job.Failures + 1;
        if (running.Type.DelayAfter(exception, failures) is not { } planned)
        {
            JobLines.HasFailed(logger, running.Job, failures, LogText.Reason(exception));
            return Ending(running, JobStage.Faulted) with
            {
                Failures = failures,
                Reason = exception.Message,
                Exceptions = JobJson.Exceptions(exception),
            };
        }

        var delay = retries.DelayAfter(planned, exception);
        JobLines.IsRetried(logger, running.Job, failures, delay, LogText.Reason(exception));
        return Ending(running, delay > TimeSpan.Zero ? JobStage.Scheduled : JobStage.Ready) with
        {
            Failures = failures,
            Delay = delay,
            Reason = exception.Message,
            Exceptions = JobJson.Exceptions(exception),
        };
    }

    // An outage costs no attempts, however long it lasts.
    JobEnding PutOff(RunningJob running, Exception exception, TimeSpan delay)
    {
        JobLines.IsPutOff(logger, running.Job, delay, LogText.Reason(exception));
        return Ending(running, delay > TimeSpan.Zero ? JobStage.Scheduled : JobStage.Ready) with
        {
            Delay = delay,
            Reason = exception.Message,
            Exceptions = JobJson.Exceptions(exception),
        };
    }

    static JobEnding Ending(RunningJob running, JobStage stage) => new()
    {
        Job = running.Job,
        Begun = running.Begun,
        Stage = stage,
        Failures = running.Job.Failures,
        Stalls = running.Job.Stalls,
        Progress = running.Progress,
    };

    [LoggerMessage(10, LogLevel.Warning,
        "The job {JobId} {JobType} was told to end, and has not in {Timeout}. Its slot is given to the next one. Have it watch its "
            + "CancellationToken")]
    partial void NotEnded(Guid jobId, string jobType, TimeSpan timeout);

    [LoggerMessage(11, LogLevel.Warning, "The job {JobId} {JobType} was given up here: {Reason}")]
    partial void WasLost(Guid jobId, string jobType, string reason);

    [LoggerMessage(12, LogLevel.Information, "The job {JobId} {JobType} was stopped with this host, and begins anew")]
    partial void WasStopped(Guid jobId, string jobType);

    [LoggerMessage(13, LogLevel.Information, "The job {JobId} {JobType} was cancelled: {Reason}")]
    partial void WasCanceled(Guid jobId, string jobType, string reason);
}
