using Quartz;
using Quartz.Extensibility;

namespace Maestro.Bus.Scheduling;

/// <summary>What Quartz runs at a schedule's or a message's time: it says which one it is, and the store knows what is due.</summary>
sealed class AlarmJob(IScheduleStore store, TimeProvider time, ILogger<AlarmJob> logger, DatabaseOutage? outage = null) : IJob
{
    public const string Schedule = "schedule";
    public const string Message = "message";

    static readonly Action<ILogger, string, Exception?> LogFailure = LoggerMessage.Define<string>(
        LogLevel.Warning, new EventId(1), "{Alarm} could not be fired. It is tried again within seconds");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var data = context.MergedJobDataMap;

        try
        {
            if (data.TryGetValue(Schedule, out var name))
            {
                // Quartz may be a little early; it is this occurrence's alarm all the same.
                var now = time.GetUtcNow();
                var until = context.ScheduledFireTimeUtc is { } scheduled && scheduled > now && scheduled < now.AddSeconds(1)
                    ? scheduled
                    : now;
                if (await store.Fire((string)name!, until, cancellationToken) is { } next)
                    await AlarmClock.Ring(context.Scheduler, (string)name!, next, time, cancellationToken);
            }
            else if (data.TryGetValue(Message, out var token))
            {
                await store.FireMessage(Guid.Parse((string)token!), cancellationToken);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it is, the sweep finds what is overdue.
            if (outage?.Tells(exception) != true)
                LogFailure(logger, string.Join(", ", data.Select(pair => $"{pair.Key} {pair.Value}")), exception);
        }
    }

    /// <summary>Hands Quartz the one job that there is.</summary>
    public sealed class Factory(AlarmJob job) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(
            TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken = default) => new(new JobScope(job, null));

        public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken = default) => default;
    }
}
