using System.Net.Mime;
using System.Net.Sockets;
using System.Text.Json;
using MassTransit.Serialization;

namespace Maestro.Bus.Riders;

/// <summary>
/// Reads a record's value as its endpoint declares. A record that says it holds another message than the endpoint's is passed over.
/// </summary>
/// <param name="read">Makes the message of a record; null where there is none in it.</param>
/// <param name="defaultTypes">The endpoint's own message and what it is, too.</param>
sealed class DeclaredDeserializer(Func<StreamRecord, object?> read, string[] defaultTypes) : IMessageDeserializer
{
    public ContentType ContentType => WrittenValue.Binary;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        var received = receiveContext as StreamReceiveContext
            ?? throw new InvalidOperationException("What an endpoint declares to read values with reads records, and nothing else.");
        return new RecordConsumeContext(received, new Context(this, received.Record, received.TransportHeaders, received.InputAddress));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        throw new NotSupportedException("What an endpoint declares to read values with reads records, and nothing else.");

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("declared");

    object? Read(StreamRecord record)
    {
        try
        {
            return read(record);
        }
        catch (Exception exception) when (exception is not UnreadableRecordException)
        {
            // Whatever else the declared deserializer throws tells that these are not the bytes of its message.
            throw IsOutage(exception)
                ? new DeserializerAwayException(exception)
                : new UnreadableRecordException($"It cannot be read as its endpoint declares: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Whether an exception tells that something cannot be reached, such as a schema registry, and nothing about the record.
    /// </summary>
    static bool IsOutage(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException or SocketException or TimeoutException or OperationCanceledException
                or DependencyUnavailableException)
                return true;
        }

        return false;
    }

    sealed class Context(DeclaredDeserializer deserializer, StreamRecord record, Headers headers, Uri address) : BaseSerializerContext(
        SystemTextJsonMessageSerializer.Instance, new RawMessageContext(headers, address, RawSerializerOptions.Default),
        RecordDeserializer.Types(RecordDeserializer.TypesOf(record), deserializer.DefaultTypes))
    {
        object? _message;
        bool _isRead;

        object? Message
        {
            get
            {
                if (!_isRead)
                    (_message, _isRead) = (deserializer.Read(record), true);
                return _message;
            }
        }

        public override bool IsSupportedMessageType<T>() => IsSupportedMessageType(typeof(T));

        public override bool IsSupportedMessageType(Type messageType) =>
            Array.Exists(
                SupportedMessageTypes, type => MessageUrn.ForTypeString(messageType).Equals(type, StringComparison.OrdinalIgnoreCase))
            && messageType.IsInstanceOfType(Message);

        public override bool TryGetMessage<T>(out T? message)
            where T : class
        {
            message = IsSupportedMessageType<T>() ? Message as T : null;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, out object message)
        {
            message = IsSupportedMessageType(messageType) ? Message! : null!;
            return message is not null;
        }

        public override IMessageSerializer GetMessageSerializer() => Whole().GetMessageSerializer();

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) =>
            Whole().GetMessageSerializer(envelope, message);

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) =>
            Whole().GetMessageSerializer(message, messageTypes);

        public override Dictionary<string, object> ToDictionary<T>(T? message)
            where T : class =>
            Whole().ToDictionary(message);

        // What follows from the record, such as a fault, goes over the bus, and tells of the message in JSON.
        SystemTextJsonRawSerializerContext Whole() => new(
            SystemTextJsonMessageSerializer.Instance, SystemTextJsonMessageSerializer.Options,
            SystemTextJsonRawMessageSerializer.JsonContentType, this, SupportedMessageTypes, RawSerializerOptions.Default,
            JsonSerializer.SerializeToElement(Message, Message?.GetType() ?? typeof(object), SystemTextJsonMessageSerializer.Options));
    }

    string[] DefaultTypes => defaultTypes;
}

/// <summary>Reads all records by one deserializer, whatever they say about their content.</summary>
sealed class DeclaredSerialization(ISerialization inner, DeclaredDeserializer declared) : ISerialization
{
    public ContentType DefaultContentType => inner.DefaultContentType;

    public IMessageSerializer GetMessageSerializer(ContentType? contentType = null) => inner.GetMessageSerializer(contentType);

    public bool TryGetMessageSerializer(ContentType contentType, out IMessageSerializer serializer) =>
        inner.TryGetMessageSerializer(contentType, out serializer!);

    public IMessageDeserializer GetMessageDeserializer(ContentType? contentType = null) => declared;

    public bool TryGetMessageDeserializer(ContentType contentType, out IMessageDeserializer deserializer)
    {
        deserializer = declared;
        return true;
    }

    public void Probe(ProbeContext context) => inner.Probe(context);
}
