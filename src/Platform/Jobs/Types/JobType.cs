using System.Reflection;
using MassTransit.Events;

namespace Maestro.Bus.Jobs;

/// <summary>A kind of job that this host has a consumer for.</summary>
abstract class JobType(string name, string queue, JobSettings settings, JobDefinition definition, Type consumer, Type job)
{
    // The configuration is read into the settings after all kinds of jobs are known.
    readonly Lazy<RetrySchedule> _schedule = new(settings.Retries);

    /// <summary>What the database and the settings know it by.</summary>
    public string Name => name;

    /// <summary>The queue of its domain.</summary>
    public string Queue => queue;

    /// <summary>The queue that submissions come by.</summary>
    public string SubmissionQueue => $"{queue}-jobs";

    public JobSettings Settings => settings;

    public JobDefinition Definition => definition;

    public Type Consumer => consumer;

    public Type Job => job;

    /// <summary>The consumer of the messages that submit such jobs.</summary>
    public abstract Type SubmissionConsumer { get; }

    /// <summary>The delay before the next attempt; none where there is to be no other.</summary>
    /// <param name="exception">What the last one threw.</param>
    /// <param name="failures">How many have failed.</param>
    public TimeSpan? DelayAfter(Exception exception, int failures) =>
        exception is InvalidMessageException ? null
        : definition.Retries is not null ? definition.DelayAfter(exception, failures)
        : failures < settings.Attempts ? _schedule.Value.DelayBefore(failures)
        : null;

    /// <summary>
    /// The delay before the next attempt of a job that has met a dependency that is away, which counts as no failure; null for a kind of
    /// job that is never tried twice.
    /// </summary>
    /// <param name="exception">What the last attempt threw.</param>
    /// <param name="attempts">How many there have been, whatever has become of them.</param>
    public TimeSpan? DelayWhileAway(Exception exception, int attempts)
    {
        if (DelayAfter(exception, 1) is not { } first)
            return null;
        if (definition.Retries is null)
            return _schedule.Value.DelayBefore(Math.Max(1, attempts));

        // A policy ends, and the last of its delays is that of all that follow.
        for (var failures = 2; failures <= attempts && definition.DelayAfter(exception, failures) is { } next; failures++)
            first = next;
        return first;
    }

    /// <summary>Reads a job of this kind from a text.</summary>
    /// <exception cref="InvalidMessageException">It is none.</exception>
    public abstract object Read(string body);

    /// <summary>The tenant that a job names itself, in its property <c>TenantId</c>; none where it names none.</summary>
    public abstract string? TenantOf(object job);

    /// <summary>Runs a job with its consumer.</summary>
    public abstract Task Run(IServiceProvider scope, RunningJob running);

    public abstract Task PublishStarted(IPublishEndpoint endpoint, JobRow job, IPipe<PublishContext> pipe);

    public abstract Task PublishCompleted(IPublishEndpoint endpoint, JobRow job, IPipe<PublishContext> pipe);

    /// <summary>
    /// Publishes the fault of a job, as that of any message. A job that cannot be read, which may be why it has failed, has none.
    /// </summary>
    public abstract Task PublishFault(IPublishEndpoint endpoint, JobRow job, IPipe<PublishContext> pipe);
}

/// <summary>A kind of job, with its types.</summary>
sealed class JobType<TConsumer, TJob>(string name, string queue, JobSettings settings, JobDefinition definition)
    : JobType(name, queue, settings, definition, typeof(TConsumer), typeof(TJob))
    where TConsumer : class, IJobConsumer<TJob>
    where TJob : class
{
    static readonly PropertyInfo? TenantProperty = typeof(TJob).GetProperty("TenantId", typeof(string));

    public override Type SubmissionConsumer => typeof(JobSubmissionConsumer<TJob>);

    public override object Read(string body) => JobJson.Read<TJob>(body);

    public override string? TenantOf(object job) =>
        TenantProperty?.GetValue(job) is string tenant && TenantHeader.IsValid(tenant) ? tenant : null;

    public override async Task Run(IServiceProvider scope, RunningJob running)
    {
        var context = new RunningJobContext<TJob>(running, JobJson.Read<TJob>(running.Job.Body), scope.GetRequiredService<IBus>());
        await scope.GetRequiredService<TConsumer>().Run(context);
        running.Result = context.TryGetPayload(out JobResult? result) ? result.Text : null;
    }

    public override Task PublishStarted(IPublishEndpoint endpoint, JobRow job, IPipe<PublishContext> pipe) => endpoint.Publish(
        new JobStartedEvent<TJob>
        {
            JobId = job.Id,
            AttemptId = job.AttemptId,
            RetryAttempt = job.RetryAttempt,
            Timestamp = job.Started!.Value.UtcDateTime,
        },
        pipe);

    public override Task PublishCompleted(IPublishEndpoint endpoint, JobRow job, IPipe<PublishContext> pipe) => endpoint.Publish(
        new JobCompletedEvent<TJob>
        {
            JobId = job.Id,
            Timestamp = job.Ended!.Value.UtcDateTime,
            Duration = job.Ended.Value - (job.Started ?? job.Ended.Value),
            Job = JobJson.Read<TJob>(job.Body),
            JobProperties = JobJson.Properties(job.Properties)?.Properties,
            InstanceProperties = Definition.InstanceProperties,
            JobTypeProperties = Definition.TypeProperties,
        },
        pipe);

    public override async Task PublishFault(IPublishEndpoint endpoint, JobRow job, IPipe<PublishContext> pipe)
    {
        TJob message;

        try
        {
            message = JobJson.Read<TJob>(job.Body);
        }
        catch (InvalidMessageException)
        {
            // What is written down in one transaction with this must not wait for it for ever.
            return;
        }

        await endpoint.Publish<Fault<TJob>>(
            new FaultEvent<TJob>(
                message, job.Id, MassTransit.Metadata.HostMetadataCache.Host, [JobJson.Exceptions(job)],
                MessageTypeCache<TJob>.MessageTypeNames),
            pipe);
    }
}
