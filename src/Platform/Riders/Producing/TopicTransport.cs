using System.Text;
using MassTransit.Configuration;
using MassTransit.Logging;
using MassTransit.Transports;

namespace Maestro.Bus.Riders;

/// <summary>The way to one topic: makes records of messages and writes them.</summary>
sealed class TopicTransport : BaseSendTransportContext
{
    static readonly byte[] Json = "application/json"u8.ToArray();

    readonly StreamRider _rider;
    readonly ISendPipe _pipe;

    public TopicTransport(StreamRider rider, string topic, IReadOnlyList<Action<ISendPipeConfigurator>> sends)
        : base(rider.Bus.HostConfiguration, rider.Serialization)
    {
        _rider = rider;
        EntityName = topic;
        Address = TopicNames.Address(rider.Plugin.Scheme, topic);

        var configuration = new SendPipeConfiguration(rider.Bus.HostConfiguration.Topology.SendTopology);
        foreach (var configure in sends)
            configure(configuration.Configurator);
        _pipe = configuration.CreatePipe();
        rider.Bus.HostConfiguration.ConnectSendObserver(SendObservers);
    }

    public override string EntityName { get; }

    public override string ActivitySystem => _rider.Plugin.Scheme;

    public Uri Address { get; }

    public override Task<SendContext<T>> CreateSendContext<T>(T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A topic is written to by ITopicProducer.");

    /// <summary>Prepares a message as the bus prepares what it sends.</summary>
    public Task Prepare<T>(StreamSendContext<T> context)
        where T : class
    {
        context.DestinationAddress = Address;
        context.Serialization = Serialization;
        context.Serializer = RecordSerializer.Instance;
        return _pipe.Send(context);
    }

    /// <summary>Makes the context of a message, as the plug-in wants it.</summary>
    public StreamSendContext<T> CreateContext<TKey, T>(T message, CancellationToken cancellationToken)
        where T : class =>
        _rider.Plugin.CreateContext<TKey, T>(message, cancellationToken);

    /// <summary>Writes a record; nobody is told who observes what is sent.</summary>
    public async Task WriteRecord<T>(StreamSendContext<T> context, RecordResults? results)
        where T : class
    {
        if (results is null)
            await _rider.Plugin.Produce(Record(context), context.CancellationToken).ConfigureAwait(false);
        else
            results.Add(Record(context));
        _rider.Metrics.Published(EntityName);
    }

    /// <summary>Writes a message.</summary>
    public async Task Write<T>(StreamSendContext<T> context, RecordResults? results)
        where T : class
    {
        global::MassTransit.LogContext.SetCurrentIfNull(LogContext);
        var activity = LogContext.StartSendActivity(this, context);
        var instrument = LogContext.StartSendInstrument(this, context);

        try
        {
            if (SendObservers.Count > 0)
                await SendObservers.PreSend(context).ConfigureAwait(false);

            await WriteRecord(context, results).ConfigureAwait(false);
            activity?.Update(context);
            context.LogSent();

            if (SendObservers.Count > 0)
                await SendObservers.PostSend(context).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            context.LogFaulted(exception);
            if (SendObservers.Count > 0)
                await SendObservers.SendFault(context, exception).ConfigureAwait(false);
            activity?.AddExceptionEvent(exception);
            instrument?.AddException(exception);
            throw;
        }
        finally
        {
            activity?.Stop();
            instrument?.Stop();
        }
    }

    OutgoingRecord Record<T>(StreamSendContext<T> context)
        where T : class =>
        new(EntityName, context.KeyOrNone, context.ValueOrNone, context.AllHeaders ?? Headers(context), context.Partition);

    RecordHeaders Headers<T>(StreamSendContext<T> context)
        where T : class
    {
        var headers = new RecordHeaders();
        if (!context.IsTombstone)
            headers.Add(
                MessageHeaders.ContentType,
                context.ContentType is { } type && type != RecordSerializer.Instance.ContentType
                    ? Encoding.UTF8.GetBytes(type.ToString()) : Json);
        if (TypesOf(context) is { Length: > 0 } types)
            headers.Add(MessageHeaders.MessageType, types);
        Add(headers, MessageHeaders.MessageId, context.MessageId);
        Add(headers, MessageHeaders.ConversationId, context.ConversationId);
        Add(headers, MessageHeaders.CorrelationId, context.CorrelationId);
        Add(headers, MessageHeaders.InitiatorId, context.InitiatorId);
        Add(headers, MessageHeaders.RequestId, context.RequestId);
        Add(headers, MessageHeaders.ResponseAddress, context.ResponseAddress);
        Add(headers, MessageHeaders.FaultAddress, context.FaultAddress);
        if (context.SourceAddress is { } source && source != _rider.Bus.HostConfiguration.HostAddress)
            headers.Add(MessageHeaders.SourceAddress, source.AbsoluteUri);

        foreach (var (name, value) in context.Headers.GetAll())
        {
            if (value is not null)
                headers.Add(name, RecordText.Of(value));
        }

        if (System.Diagnostics.Activity.Current is { IdFormat: System.Diagnostics.ActivityIdFormat.W3C, Id: { } trace } current
            && headers.Get(StreamHeaders.TraceParent) is null)
        {
            headers.Add(StreamHeaders.TraceParent, trace);
            if (!string.IsNullOrEmpty(current.TraceStateString))
                headers.Add(StreamHeaders.TraceState, current.TraceStateString);
        }

        return headers;
    }

    static byte[] TypesOf<T>(StreamSendContext<T> context)
        where T : class =>
        ReferenceEquals(context.SupportedMessageTypes, MessageTypeCache<T>.MessageTypeNames)
            ? TypeNames<T>.Bytes
            : Encoding.UTF8.GetBytes(string.Join(';', context.SupportedMessageTypes));

    static void Add(RecordHeaders headers, string name, Guid? id)
    {
        if (id is not { } value)
            return;

        var text = new byte[36];
        value.TryFormat(text, out _);
        headers.Add(name, text);
    }

    static void Add(RecordHeaders headers, string name, Uri? address)
    {
        if (address is not null)
            headers.Add(name, address.AbsoluteUri);
    }

    static class TypeNames<T>
        where T : class
    {
        public static readonly byte[] Bytes = Encoding.UTF8.GetBytes(string.Join(';', MessageTypeCache<T>.MessageTypeNames));
    }
}
