using System.Diagnostics.CodeAnalysis;
using MassTransit.Context;
using MassTransit.Util;

namespace Maestro.Bus.Riders;

/// <summary>
/// A record's message as its consumers are given it. Nearly all records are asked for one type, and have no work that goes on behind their
/// consumer's back.
/// </summary>
sealed class RecordConsumeContext(StreamReceiveContext received, SerializerContext serializer) : BaseConsumeContext(received, serializer)
{
    Known? _known;
    PendingTaskCollection? _tasks;

    public override Guid? MessageId => received.MessageId;

    public override Guid? RequestId => SerializerContext.RequestId;

    public override Guid? CorrelationId => SerializerContext.CorrelationId;

    public override Guid? ConversationId => SerializerContext.ConversationId;

    public override Guid? InitiatorId => SerializerContext.InitiatorId;

    public override DateTime? ExpirationTime => SerializerContext.ExpirationTime;

    public override Uri SourceAddress => SerializerContext.SourceAddress!;

    public override Uri DestinationAddress => SerializerContext.DestinationAddress!;

    public override Uri ResponseAddress => SerializerContext.ResponseAddress!;

    public override Uri FaultAddress => SerializerContext.FaultAddress!;

    public override DateTime? SentTime => SerializerContext.SentTime;

    public override Headers Headers => SerializerContext.Headers;

    public override HostInfo Host => SerializerContext.Host;

    public override IEnumerable<string> SupportedMessageTypes => SerializerContext.SupportedMessageTypes;

    public override Task ConsumeCompleted => _tasks?.Completed(CancellationToken) ?? Task.CompletedTask;

    public override void AddConsumeTask(Task task) =>
        LazyInitializer.EnsureInitialized(ref _tasks, () => new PendingTaskCollection(1)).Add(task);

    public override bool HasMessageType(Type messageType) =>
        Find(messageType) is { } known ? known.Message is not null : SerializerContext.IsSupportedMessageType(messageType);

    public override bool TryGetMessage<T>([NotNullWhen(true)] out ConsumeContext<T>? consumeContext)
    {
        var known = Find(typeof(T)) ?? Keep(typeof(T), Read<T>() is { } message ? new MessageConsumeContext<T>(this, message) : null);
        consumeContext = known.Message as ConsumeContext<T>;
        return consumeContext is not null;
    }

    public override bool HasPayloadType(Type payloadType) => payloadType.IsInstanceOfType(this) || received.HasPayloadType(payloadType);

    public override bool TryGetPayload<T>([NotNullWhen(true)] out T? payload)
        where T : class =>
        (payload = this as T) is not null || received.TryGetPayload(out payload);

    public override T GetOrAddPayload<T>(PayloadFactory<T> payloadFactory) => this as T ?? received.GetOrAddPayload(payloadFactory);

    public override T AddOrUpdatePayload<T>(PayloadFactory<T> addFactory, UpdatePayloadFactory<T> updateFactory) =>
        this as T ?? received.AddOrUpdatePayload(addFactory, updateFactory);

    T? Read<T>()
        where T : class
    {
        // Of an interface the pipeline makes a class; that is asked for by the type itself.
        if (typeof(T).IsInterface && MessageTypeCache<T>.IsValidMessageType && SerializerContext.IsSupportedMessageType<T>()
            && SerializerContext.TryGetMessage(typeof(T), out var made))
            return (T)made;

        return SerializerContext.TryGetMessage<T>(out var message) ? message : null;
    }

    Known? Find(Type type)
    {
        var known = Volatile.Read(ref _known);
        while (known is not null && known.Type != type)
            known = known.Next;

        return known;
    }

    // Two that ask for a type at the same moment may each read it; both get the one that is kept first.
    Known Keep(Type type, ConsumeContext? message)
    {
        while (true)
        {
            var first = Volatile.Read(ref _known);
            if (Find(type) is { } known)
                return known;

            var kept = new Known(type, message, first);
            if (Interlocked.CompareExchange(ref _known, kept, first) == first)
                return kept;
        }
    }

    sealed record Known(Type Type, ConsumeContext? Message, Known? Next);
}
