using System.Diagnostics.CodeAnalysis;
using MassTransit.Metadata;
using MassTransit.Middleware;
using MassTransit.Serialization;
using MassTransit.Transports;

namespace Maestro.Bus.Jobs;

/// <summary>What a job consumer sees of its job. What it publishes and sends belongs to the job's tenant and conversation.</summary>
sealed class RunningJobContext<TJob> : BasePipeContext, JobContext<TJob>
    where TJob : class
{
    static readonly JobPropertyCollection None = new JobPropertyCollection();

    readonly RunningJob _running;
    readonly IBus _bus;
    readonly PublishEndpoint _publish;

    public RunningJobContext(RunningJob running, TJob job, IBus bus)
        : base(running.Token)
    {
        (_running, _bus, Job) = (running, bus, job);
        _publish = new PublishEndpoint(new JobPublishEndpointProvider(bus, running.Job));

        var headers = new DictionarySendHeaders();
        if (running.Job.Tenant is { } tenant)
            headers.Set(TenantHeader.Name, tenant);
        Headers = headers;

        JobProperties = JobJson.Properties(running.Job.Properties) ?? None;
        (LastProgressValue, LastProgressLimit) = (running.Job.ProgressValue, running.Job.ProgressLimit);
    }

    public TJob Job { get; }

    public Guid JobId => _running.Job.Id;

    public Guid AttemptId => _running.Job.AttemptId;

    public int RetryAttempt => _running.Job.RetryAttempt;

    public long? LastProgressValue { get; }

    public long? LastProgressLimit { get; }

    public TimeSpan ElapsedTime => _running.Elapsed;

    public IPropertyCollection JobProperties { get; }

    public IPropertyCollection JobTypeProperties => _running.Type.Definition.TypeProperties;

    public IPropertyCollection InstanceProperties => _running.Type.Definition.InstanceProperties;

    public Guid? MessageId => JobId;

    public Guid? RequestId => null;

    public Guid? CorrelationId => JobId;

    public Guid? ConversationId => _running.Job.Correlation;

    public Guid? InitiatorId => null;

    public DateTime? ExpirationTime => null;

    public Uri? SourceAddress => _bus.Address;

    public Uri? DestinationAddress => null;

    public Uri? ResponseAddress => null;

    public Uri? FaultAddress => null;

    public DateTime? SentTime => _running.Job.Created.UtcDateTime;

    public Headers Headers { get; }

    public HostInfo Host => HostMetadataCache.Host;

    public Task SetJobProgress(long value, long? limit)
    {
        _running.SetProgress(new JobProgress(value, limit));
        return Task.CompletedTask;
    }

    public Task SaveJobState<T>(T? jobState)
        where T : class =>
        _running.Save(jobState is null ? null : JobJson.Write(jobState));

    public bool TryGetJobState<T>([NotNullWhen(true)] out T? jobState)
        where T : class
    {
        jobState = _running.Saved is { } saved ? JobJson.Read<T>(saved) : null;
        return jobState is not null;
    }

    public async Task<ISendEndpoint> GetSendEndpoint(Uri address) => new JobSendEndpoint(await _bus.GetSendEndpoint(address), _running.Job);

    public ConnectHandle ConnectSendObserver(ISendObserver observer) => _bus.ConnectSendObserver(observer);

    public ConnectHandle ConnectPublishObserver(IPublishObserver observer) => _bus.ConnectPublishObserver(observer);

    public Task Publish<T>(T message, CancellationToken cancellationToken = default)
        where T : class =>
        _publish.Publish(message, cancellationToken);

    public Task Publish<T>(T message, IPipe<PublishContext<T>> publishPipe, CancellationToken cancellationToken = default)
        where T : class =>
        _publish.Publish(message, publishPipe, cancellationToken);

    public Task Publish<T>(T message, IPipe<PublishContext> publishPipe, CancellationToken cancellationToken = default)
        where T : class =>
        _publish.Publish(message, publishPipe, cancellationToken);

    public Task Publish(object message, CancellationToken cancellationToken = default) => _publish.Publish(message, cancellationToken);

    public Task Publish(object message, IPipe<PublishContext> publishPipe, CancellationToken cancellationToken = default) =>
        _publish.Publish(message, publishPipe, cancellationToken);

    public Task Publish(object message, Type messageType, CancellationToken cancellationToken = default) =>
        _publish.Publish(message, messageType, cancellationToken);

    public Task Publish(
        object message, Type messageType, IPipe<PublishContext> publishPipe, CancellationToken cancellationToken = default) =>
        _publish.Publish(message, messageType, publishPipe, cancellationToken);

    public Task Publish<T>(object values, CancellationToken cancellationToken = default)
        where T : class =>
        _publish.Publish<T>(values, cancellationToken);

    public Task Publish<T>(object values, IPipe<PublishContext<T>> publishPipe, CancellationToken cancellationToken = default)
        where T : class =>
        _publish.Publish(values, publishPipe, cancellationToken);

    public Task Publish<T>(object values, IPipe<PublishContext> publishPipe, CancellationToken cancellationToken = default)
        where T : class =>
        _publish.Publish<T>(values, publishPipe, cancellationToken);
}
