using System.Net.Mime;
using System.Text;
using System.Text.Json;
using MassTransit.Serialization;

namespace MaestroBus.Riders;

/// <summary>Reads a record's JSON straight into the message. A record that does not say which message it is, is one of the endpoint's own type.</summary>
sealed class RecordDeserializer(string[] defaultTypes) : IMessageDeserializer
{
    // Most topics hold one type: it is not taken apart anew for each record.
    KnownTypes _known = new([], []);

    public ContentType ContentType => SystemTextJsonRawMessageSerializer.JsonContentType;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        if (receiveContext is not StreamReceiveContext received)
            return new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

        return received.Problem is { } problem
            ? throw new UnreadableRecordException(problem)
            : new RecordConsumeContext(received, Deserialize(received.Body, received.TransportHeaders, received.InputAddress, TypesOf(received.Record)));
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        Deserialize(body, headers, destinationAddress, headers.GetMessageTypes());

    RecordSerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress, string[] types)
    {
        if (types.Length == 0 && defaultTypes.Length == 0)
            throw new UnreadableRecordException($"It does not say in the header {MessageHeaders.MessageType} which message it is, and its topic holds several.");

        return new RecordSerializerContext(
            body.GetBytes(), new RawMessageContext(headers, destinationAddress, RawSerializerOptions.Default), types.Length > 0 ? types : defaultTypes);
    }

    string[] TypesOf(StreamRecord record)
    {
        if (record.Headers.GetBytes(MessageHeaders.MessageType) is not { Length: > 0 } text)
            return [];

        var known = _known;
        if (!known.Text.AsSpan().SequenceEqual(text))
            _known = known = new KnownTypes(text, Encoding.UTF8.GetString(text).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return known.Types;
    }

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("record").Add("contentType", ContentType.MediaType);

    sealed record KnownTypes(byte[] Text, string[] Types);

    sealed class RecordSerializerContext(byte[] body, MessageContext context, string[] types)
        : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, context, types)
    {
        public override bool IsSupportedMessageType<T>() => IsSupported(MessageUrn.ForTypeString<T>());

        public override bool IsSupportedMessageType(Type messageType) => IsSupported(MessageUrn.ForTypeString(messageType));

        public override bool TryGetMessage<T>(out T? message)
            where T : class
        {
            message = IsSupportedMessageType<T>() ? (T)Read(typeof(T)) : null;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, out object message)
        {
            message = Read(messageType);
            return true;
        }

        public override IMessageSerializer GetMessageSerializer() => Whole().GetMessageSerializer();

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => Whole().GetMessageSerializer(envelope, message);

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => Whole().GetMessageSerializer(message, messageTypes);

        public override Dictionary<string, object> ToDictionary<T>(T? message)
            where T : class =>
            Whole().ToDictionary(message);

        bool IsSupported(string urn) => Array.Exists(SupportedMessageTypes, type => urn.Equals(type, StringComparison.OrdinalIgnoreCase));

        object Read(Type type)
        {
            try
            {
                return JsonSerializer.Deserialize(body, type, SystemTextJsonMessageSerializer.Options)
                    ?? throw new UnreadableRecordException($"It is null, and no {TypeCache.GetShortName(type)}.");
            }
            catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
            {
                throw new UnreadableRecordException($"It is no {TypeCache.GetShortName(type)} in JSON: {exception.Message}", exception);
            }
        }

        SystemTextJsonRawSerializerContext Whole() => new(
            SystemTextJsonMessageSerializer.Instance, SystemTextJsonMessageSerializer.Options, SystemTextJsonRawMessageSerializer.JsonContentType, this,
            SupportedMessageTypes, RawSerializerOptions.Default, JsonSerializer.Deserialize<JsonElement>(body));
    }
}
