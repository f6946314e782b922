using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using MassTransit.Middleware;
using MassTransit.Observables;
using MassTransit.Serialization;
using MassTransit.Transports;
using MassTransit.Util;

namespace Maestro.Bus.Riders;

/// <summary>
/// A record on its way through the pipeline. Consumers find the <see cref="StreamRecord"/> itself with <c>TryGetPayload</c>. What a record
/// rarely asks for is made when it does: there are so many of them.
/// </summary>
sealed class StreamReceiveContext : ScopePipeContext, ReceiveContext, ITransportSequenceNumber
{
    readonly RecordContent _content;
    readonly RecordHeaderProvider _headers;
    readonly long _start = Stopwatch.GetTimestamp();
    ContentType? _contentType;
    IRecordView? _view;
    PendingTaskCollection? _tasks;

    /// <param name="record">The record.</param>
    /// <param name="context">The endpoint.</param>
    /// <param name="cancellationToken">Ends what still runs when the endpoint's stop does not wait any longer.</param>
    public StreamReceiveContext(StreamRecord record, StreamEndpointContext context, CancellationToken cancellationToken)
        : base(context)
    {
        _content = RecordContent.Of(record);
        _headers = new RecordHeaderProvider(record, _content);
        Record = record;
        Endpoint = context;
        CancellationToken = cancellationToken;
        Body = new BytesMessageBody(_content.Body);
        TransportHeaders = new JsonTransportHeaders(_headers);
    }

    public StreamRecord Record { get; }

    public StreamEndpointContext Endpoint { get; }

    /// <summary>Why the record cannot be read; none where that shows later.</summary>
    public string? Problem => _content.Problem;

    public Guid MessageId => _headers.MessageId;

    public MessageBody Body { get; }

    public Headers TransportHeaders { get; }

    public override CancellationToken CancellationToken { get; }

    public ulong? SequenceNumber => (ulong)Record.Offset;

    public TimeSpan ElapsedTime => Stopwatch.GetElapsedTime(_start);

    public Uri InputAddress => Endpoint.InputAddress;

    public bool Redelivered => false;

    public bool IsDelivered { get; private set; }

    public bool IsFaulted { get; private set; }

    public bool PublishFaults => Endpoint.PublishFaults;

    public ISendEndpointProvider SendEndpointProvider => Endpoint.SendEndpointProvider;

    public IPublishEndpointProvider PublishEndpointProvider => Endpoint.PublishEndpointProvider;

    public Task ReceiveCompleted => _tasks?.Completed(CancellationToken) ?? Task.CompletedTask;

    // Parsed for each record, the one that nearly all have would be a part of the work worth mentioning.
    public ContentType ContentType =>
        _content.IsPlain ? SystemTextJsonRawMessageSerializer.JsonContentType : _contentType ??= Parse(_content.ContentType!);

    public void AddReceiveTask(Task task) => LazyInitializer.EnsureInitialized(ref _tasks, () => new PendingTaskCollection(1)).Add(task);

    public Task NotifyConsumed<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType)
        where T : class
    {
        IsDelivered = true;
        context.LogConsumed(duration, consumerType);
        return Endpoint.ReceiveObservers is ReceiveObservable { Count: 0 }
            ? Task.CompletedTask
            : Endpoint.ReceiveObservers.PostConsume(context, duration, consumerType);
    }

    public Task NotifyFaulted<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
        where T : class
    {
        IsFaulted = true;
        if (exception is OperationCanceledException canceled && canceled.CancellationToken == context.CancellationToken)
            context.LogCanceled(duration, consumerType);
        else
            context.LogFaulted(duration, consumerType, exception);

        GetOrAddPayload<ConsumerFaultContext>(() => new Fault(TypeCache<T>.ShortName, consumerType));
        return Endpoint.ReceiveObservers.ConsumeFault(context, duration, consumerType, exception);
    }

    public Task NotifyFaulted(Exception exception)
    {
        IsFaulted = true;
        this.LogFaulted(exception);
        return Endpoint.ReceiveObservers.ReceiveFault(this, exception);
    }

    public override bool HasPayloadType(Type payloadType) =>
        payloadType.IsInstanceOfType(Record) || base.HasPayloadType(payloadType)
        || (payloadType.IsAssignableTo(typeof(IRecordView)) && payloadType.IsInstanceOfType(View));

    public override bool TryGetPayload<T>([NotNullWhen(true)] out T? payload)
        where T : class =>
        (payload = Record as T) is not null || base.TryGetPayload(out payload)
        || (RecordView<T>.IsPossible && (payload = View as T) is not null);

    public override T GetOrAddPayload<T>(PayloadFactory<T> payloadFactory) => Record as T ?? base.GetOrAddPayload(payloadFactory);

    /// <summary>What the plug-in shows of the record.</summary>
    IRecordView? View => _view ??= Endpoint.Settings.View?.Invoke(Record);

    static ContentType Parse(string text)
    {
        try
        {
            return new ContentType(text);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            // Foreign programs may write what they like; that it is no JSON shows when it is read.
            return SystemTextJsonRawMessageSerializer.JsonContentType;
        }
    }

    sealed record Fault(string MessageType, string ConsumerType) : ConsumerFaultContext;
}
